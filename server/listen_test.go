package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Other machines are let in only with a token, and the socket is not even opened without one.
func TestListeningBeyondThisMachineNeedsAToken(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8080"} {
		listener, _, err := listen(addr, true, "")
		if listener != nil {
			listener.Close()
		}
		if f := faults(err); len(f) != 1 || !strings.Contains(f[0].Expected, "a token") {
			t.Errorf("%s without a token: %v", addr, err)
		}
	}
	for addr, want := range map[string]bool{"127.0.0.1:0": false, "localhost:0": false, "127.1.2.3:0": false, "0.0.0.0:0": true} {
		listener, public, err := listen(addr, true, testToken)
		if err != nil {
			t.Errorf("%s with a token: %v", addr, err)
			continue
		}
		listener.Close()
		if public != want {
			t.Errorf("%s: public is %v", addr, public)
		}
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	if _, _, err := listen(addr, true, ""); len(faults(err)) != 1 || !strings.Contains(err.Error(), "another program") {
		t.Errorf("asked for: %v, want a fault", err)
	}
	free, _, err := listen(addr, false, "")
	if err != nil {
		t.Fatalf("not asked for: %v, want a free port", err)
	}
	defer free.Close()
	if free.Addr().String() == addr {
		t.Error("two listen on one port")
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	for _, addr := range []string{"8080", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:http:x", "127.0.0.1:-1", "no.such.name.invalid:1", "192.0.2.1:8080"} {
		if _, _, err := listen(addr, true, testToken); len(faults(err)) != 1 {
			t.Errorf("--addr %s: %v, want a fault", addr, err)
		}
	}
}

func TestTokens(t *testing.T) {
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for what, c := range map[string]struct {
		file, env, want string
		bad             bool
	}{
		"none":                       {"", "", "", false},
		"from the environment":       {"", testToken, testToken, false},
		"from a file, with its line": {write(testToken + "\n"), "", testToken, false},
		"the file goes first":        {write(testToken), "another-long-enough-token", testToken, false},
		"short":                      {"", "short", "", true},
		"an empty file":              {write("\n"), testToken, "", true},
		"two words":                  {write("correct horse battery"), "", "", true},
		"no file":                    {filepath.Join(t.TempDir(), "none"), "", "", true},
	} {
		got, err := readToken(c.file, func(string) string { return c.env })
		if got != c.want || (err != nil) != c.bad || c.bad && len(faults(err)) != 1 {
			t.Errorf("%s: %q, %v", what, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "horse") || strings.Contains(err.Error(), "short ")) {
			t.Errorf("%s: the sentence holds the token: %v", what, err)
		}
	}
}

// The names in Host are those under which the program was told to serve, and on every address those of this machine.
func TestServedHosts(t *testing.T) {
	some := servedHosts("192.168.7.1:8080", &net.TCPAddr{IP: net.IPv4(192, 168, 7, 1)}, []string{"GPU.example.org", "[2001:db8::1]:80"})
	for _, host := range []string{"192.168.7.1", "gpu.example.org", "2001:db8::1"} {
		if !some[host] {
			t.Errorf("%s is not among %v", host, some)
		}
	}
	if len(some) != 3 {
		t.Errorf("more than was named: %v", some)
	}
	all := servedHosts("0.0.0.0:8080", &net.TCPAddr{IP: net.IPv4zero}, nil)
	if name, err := os.Hostname(); err == nil && !all[hostOf(name)] {
		t.Errorf("%s is not among %v", name, all)
	}
	if servedHosts(":8080", &net.TCPAddr{IP: net.IPv6zero}, nil)[""] {
		t.Error("no host at all is served")
	}
}

func TestThePrintedAddressIsOneToOpen(t *testing.T) {
	for _, c := range []struct {
		ip   net.IP
		want string
	}{
		{net.IPv4(127, 0, 0, 1), "http://127.0.0.1:8080/"},
		{net.IPv6loopback, "http://[::1]:8080/"},
	} {
		if got := pageURL(&net.TCPAddr{IP: c.ip, Port: 8080}); got != c.want {
			t.Errorf("%v: %s, want %s", c.ip, got, c.want)
		}
	}
	if got := pageURL(&net.TCPAddr{IP: net.IPv6unspecified, Port: 8080}); strings.Contains(got, "::") || !strings.HasSuffix(got, ":8080/") {
		t.Errorf("on every address: %s", got)
	}
}
