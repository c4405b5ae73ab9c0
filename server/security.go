package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
)

// Limits of a request. Every body of the interface is a short form or a short JSON object; the longest holds somebody's own network.
const (
	maxBodyBytes   = 256 << 10
	maxHeaderBytes = 16 << 10
)

// tokenCookie carries proof of the token, never the token itself: see guard.proof.
const tokenCookie = "smoothscape"

// guard decides which requests reach a handler. A page of another site can make the user's browser send requests here, with the user's
// cookies (cross-site requests) or under a name of its own that it points at this machine (DNS rebinding). Against the first stands the
// check of Origin and Sec-Fetch-Site on everything that changes something; against the second the check of Host on everything.
type guard struct {
	hosts  map[string]bool // host names and addresses that may stand in Host, as hostOf writes them; loopback ones need no entry
	token  string          // "" where none is asked for, which only a loopback address may do
	frames string          // origin whose pages may show /embed in a frame, or ""
}

// protect puts the guard in front of a handler; fail answers what is refused. From the outside in: headers, panic recovery, size limit,
// Host, Origin, token.
func (g *guard) protect(next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.setHeaders(w.Header(), r.URL.Path)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // net/http's own way to drop a connection
			}
			fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		for _, check := range []func(*http.Request) error{g.checkHost, checkOrigin, g.checkToken} {
			if err := check(r); err != nil {
				fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// embedPath is the only page that a frame of another origin may show: nothing can be started or deleted from it.
const embedPath = "/embed"

// setHeaders sets what every response carries.
func (g *guard) setHeaders(h http.Header, path string) {
	frames := "'none'"
	if g.frames != "" && path == embedPath {
		frames = g.frames
	} else {
		h.Set("X-Frame-Options", "DENY") // for browsers that predate frame-ancestors
	}
	h.Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "+frames)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // a handler of unchanging content says otherwise
}

// checkHost refuses requests that were addressed to a name we do not serve. The port is not compared: a tunnel or container may
// change it, and the name alone stops rebinding.
func (g *guard) checkHost(r *http.Request) error {
	host := hostOf(r.Host)
	if isLoopback(host) || g.hosts[host] {
		return nil
	}
	return &fault{
		Status: http.StatusForbidden, Doing: "checking whom this request was addressed to",
		Expected: "the name or address that smoothscape was told to serve", Found: quoted(r.Host),
		Advice: "Open the address that smoothscape printed, or start it with --host NAME to serve this name too.",
	}
}

// hostOf takes the port off a Host header and writes the rest in one way: lower case, no brackets, no final dot, addresses canonical.
func hostOf(hostport string) string {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	} else {
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String()
	}
	return host
}

// isLoopback: an address literal cannot be rebound, and browsers resolve "localhost" themselves.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// checkOrigin refuses requests that change something, or open a socket, when a page of another origin sent them. Programs that are not
// browsers send neither header and pass.
func checkOrigin(r *http.Request) error {
	upgrade := r.Header.Get("Upgrade") != ""
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !upgrade {
		return nil
	}
	refuse := func(found string) error {
		return &fault{
			Status: http.StatusForbidden, Doing: "checking which page sent this request", Expected: "a page of smoothscape itself",
			Found: quoted(found), Advice: "Open smoothscape in its own tab and try again there.",
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return refuse("Sec-Fetch-Site: " + site)
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return nil
	}
	origin, err := url.Parse(origins[0])
	if len(origins) > 1 || err != nil || origin.Scheme != "http" && origin.Scheme != "https" || !strings.EqualFold(origin.Host, r.Host) {
		return refuse("Origin: " + strings.Join(origins, ", "))
	}
	return nil
}

// checkToken asks for the token when there is one: in a header for programs, by cookie for pages.
func (g *guard) checkToken(r *http.Request) error {
	if g.token == "" || r.URL.Path == loginPath || r.URL.Path == "/healthz" || strings.HasPrefix(r.URL.Path, "/static/") {
		return nil
	}
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && sameSecret(header, g.token) {
		return nil
	}
	if cookie, err := r.Cookie(tokenCookie); err == nil && sameSecret(cookie.Value, g.proof()) {
		return nil
	}
	return errNoToken
}

// errNoToken is the refusal of a request without a token; pages answer it with the login form.
var errNoToken = &fault{
	Status: http.StatusUnauthorized, Doing: "checking who asks", Expected: "the token that smoothscape was started with", Found: "none, or another one",
	Advice: "Log in at /login, or send the header \"Authorization: Bearer TOKEN\".",
}

// proof is what the cookie holds: it follows from the token, but the token does not follow from it, so what a browser keeps on disk
// opens this dashboard and nothing else that shares the token.
func (g *guard) proof() string {
	mac := hmac.New(sha256.New, []byte(g.token))
	mac.Write([]byte("smoothscape cookie 1"))
	return hex.EncodeToString(mac.Sum(nil))
}

// sameSecret compares in a time that tells nothing about where the two differ, or about their lengths.
func sameSecret(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
