package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// defaultAddr is where the program listens unless told otherwise.
const defaultAddr = "127.0.0.1:8080"

// tokenVariable names the environment variable that may hold the token.
const tokenVariable = "SMOOTHSCAPE_TOKEN"

// minTokenLength keeps a token out of reach of guessing: 16 characters of base 16 are 64 bits.
const minTokenLength = 16

// listen opens the socket. asked is false when the user named no address: then a free port of the loopback address will do if the
// default is taken. public tells whether other machines can reach it; without a token such an address is refused before it is opened.
func listen(addr string, asked bool, token string) (listener net.Listener, public bool, err error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, false, &fault{
			Field: "addr", Doing: "reading --addr", Expected: "HOST:PORT", Found: quoted(addr),
			Advice: "For example --addr 127.0.0.1:8080, or port 0 for any free port.",
		}
	}
	public = !resolved.IP.IsLoopback()
	if public && token == "" {
		return nil, true, &fault{
			Field: "addr", Doing: "listening on " + addr, Expected: "a token, because other machines can reach this address", Found: "none",
			Advice: "Give --token-file FILE or set " + tokenVariable + ", or listen on " + defaultAddr + ".",
		}
	}
	listener, err = net.ListenTCP("tcp", resolved)
	switch {
	case err == nil:
		return listener, public, nil
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EACCES):
		return nil, public, &fault{
			Field: "addr", Doing: "listening on " + addr, Expected: "an address of this machine and a port that you may open", Found: err.Error(),
			Advice: "Give another --addr; ports from 1024 on need no rights.",
		}
	case !errors.Is(err, syscall.EADDRINUSE):
		return nil, public, fmt.Errorf("listening on %s: %w", addr, err)
	case asked:
		return nil, public, &fault{
			Field: "addr", Doing: "listening on " + addr, Expected: "a free port", Found: "one that another program uses",
			Advice: "End that program, or give another port; port 0 takes any free one.",
		}
	}
	listener, err = net.ListenTCP("tcp", &net.TCPAddr{IP: resolved.IP})
	if err != nil {
		return nil, public, fmt.Errorf("listening on a free port: %w", err)
	}
	return listener, public, nil
}

// readToken finds the token: in the file of --token-file, else in the environment. "" means that there is none.
func readToken(file string, env func(string) string) (string, error) {
	token, from := strings.TrimSpace(env(tokenVariable)), "the variable "+tokenVariable
	if file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", &fault{
				Field: "token-file", Doing: "reading the token", Expected: "a file with one token in it", Found: quoted(err.Error()),
				Advice: "Make one: head -c 24 /dev/urandom | base64 > FILE.",
			}
		}
		token, from = strings.TrimSpace(string(raw)), file
	}
	if token == "" && file == "" {
		return "", nil
	}
	if len(token) < minTokenLength || strings.ContainsAny(token, " \t\r\n") {
		return "", &fault{
			Field: "token-file", Doing: "reading the token from " + from, Expected: fmt.Sprintf("one word of at least %d characters", minTokenLength),
			Found: fmt.Sprintf("%d characters in %d words", len(token), len(strings.Fields(token))), Advice: "Make one: head -c 24 /dev/urandom | base64 > FILE.",
		}
	}
	return token, nil
}

// servedHosts are the names that may stand in Host: what --addr and --host name and, when the program listens on every address, those
// of this machine.
func servedHosts(addr string, listening *net.TCPAddr, more []string) map[string]bool {
	hosts := map[string]bool{hostOf(addr): true}
	for _, name := range more {
		hosts[hostOf(name)] = true
	}
	if listening.IP.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			hosts[hostOf(name)] = true
		}
		addresses, _ := net.InterfaceAddrs() // without them only the named hosts are served
		for _, a := range addresses {
			if ip, ok := a.(*net.IPNet); ok {
				hosts[hostOf(ip.IP.String())] = true
			}
		}
	}
	delete(hosts, "")
	return hosts
}

// pageURL is the address to open in a browser. A server on every address is opened by this machine's name.
func pageURL(listening *net.TCPAddr) string {
	host := listening.IP.String()
	if listening.IP.IsUnspecified() {
		host = "localhost"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, fmt.Sprint(listening.Port)), Path: "/"}).String()
}

// embedder checks the origin that --embed-in names: scheme and host, as a Content-Security-Policy takes them, and nothing else.
func embedder(origin string) (string, error) {
	if origin == "" {
		return "", nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || origin != u.Scheme+"://"+u.Host || strings.ContainsAny(origin, " ;,'\"*") {
		return "", &fault{
			Field: "embed-in", Doing: "reading --embed-in", Expected: "one origin", Found: quoted(origin), Advice: "For example --embed-in https://lectures.example.org.",
		}
	}
	return origin, nil
}
