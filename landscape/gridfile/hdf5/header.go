package hdf5

import "fmt"

// The messages of object headers that are looked at.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgOldFill      = 0x04
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
)

// message is one of an object header.
type message struct {
	kind    int
	shared  bool // the body lies somewhere else
	at, end int
}

// body places a cursor on the message.
func (m message) body(f *File, reading string) *cursor {
	c := f.block(uint64(m.at), m.end-m.at, reading)
	if m.shared {
		c.fail("a message in its place", "a shared one, such as a committed datatype")
	}
	return c
}

// header reads all messages of an object, in order.
func (f *File) header(address uint64) ([]message, error) {
	c := f.block(address, -1, "an object header")
	first := c.bytes(4)
	if c.err != nil {
		return nil, c.err
	}
	if string(first) == "OHDR" {
		return f.newHeader(c)
	}
	c.at -= 4
	return f.oldHeader(c)
}

// span is a part of a header: messages from at to end.
type span struct{ address, length uint64 }

// oldHeader reads a header of version 1.
func (f *File) oldHeader(c *cursor) ([]message, error) {
	c.version(1)
	c.skip(1)
	count := c.u16()
	c.skip(4) // reference count
	size := c.u32()
	c.skip(4)
	if c.err != nil {
		return nil, c.err
	}
	var all []message
	rest := []span{{uint64(c.at), uint64(size)}}
	for len(rest) > 0 {
		length, err := f.spanLength(rest[0])
		if err != nil {
			return nil, err
		}
		p := f.block(rest[0].address, length, "the messages of an object header")
		rest = rest[1:]
		// The count stands for all spans together; what lies behind it is not used.
		for p.err == nil && p.left() >= 8 && len(all) < count {
			p.work()
			kind, n, flags := p.u16(), p.u16(), p.u8()
			p.skip(3)
			m := message{kind: kind, shared: flags&2 != 0, at: p.at, end: p.at + n}
			p.skip(n)
			if p.err == nil && kind == msgContinuation {
				next := m.body(f, "a continuation")
				rest = append(rest, span{next.address(), next.length()})
				if next.err != nil {
					return nil, next.err
				}
			}
			all = append(all, m)
		}
		if p.err != nil {
			return nil, p.err
		}
	}
	return all, nil
}

func (f *File) spanLength(s span) (int, error) {
	if s.length > uint64(len(f.data)) {
		return 0, &FormatError{f.start + int64(min(s.address, uint64(len(f.data)))), "an object header", fmt.Sprintf("a part of at most the file's %d bytes", len(f.data)), fmt.Sprint(s.length)}
	}
	return int(s.length), nil
}

// newHeader reads a header of version 2.
func (f *File) newHeader(c *cursor) ([]message, error) {
	start := c.at - 4
	c.version(2)
	flags := c.u8()
	if flags&0x20 != 0 {
		c.skip(16) // times
	}
	if flags&0x10 != 0 {
		c.skip(4) // limits of attributes
	}
	size := c.within(c.number(1<<(flags&3)), len(f.data), "a header")
	var all []message
	rest, err := f.newMessages(c, start, size, flags, &all)
	for err == nil && len(rest) > 0 {
		var length int
		if length, err = f.spanLength(rest[0]); err != nil {
			break
		}
		p := f.block(rest[0].address, length, "a continued object header")
		p.signature("OCHK")
		var more []span
		more, err = f.newMessages(p, p.at-4, length-8, flags, &all)
		rest = append(rest[1:], more...)
	}
	return all, err
}

// newMessages reads size bytes of messages and the checksum behind them, which is of everything from start, and returns the continuations.
func (f *File) newMessages(c *cursor, start, size, flags int, all *[]message) (rest []span, err error) {
	if c.err == nil && (size < 0 || size > c.left()-4) {
		c.fail("messages within the file, and a checksum", fmt.Sprintf("%d bytes of them where %d are left", size, c.left()))
	}
	head := 4
	if flags&4 != 0 {
		head = 6
	}
	end := c.at + size
	for c.err == nil && end-c.at >= head {
		c.work()
		kind, n, bits := c.u8(), c.u16(), c.u8()
		if flags&4 != 0 {
			c.skip(2) // order of creation
		}
		if n > end-c.at {
			c.fail(fmt.Sprintf("a message of at most %d bytes", end-c.at), fmt.Sprint(n))
			break
		}
		m := message{kind: kind, shared: bits&2 != 0, at: c.at, end: c.at + n}
		c.skip(n)
		if kind == msgContinuation {
			next := m.body(f, "a continuation")
			rest = append(rest, span{next.address(), next.length()})
			if next.err != nil {
				return nil, next.err
			}
		}
		*all = append(*all, m)
	}
	c.skip(end - c.at) // a gap too small for a message
	c.checksum(start)
	return rest, c.err
}
