package main

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
)

const loginPath = "/login"

// loginForm is the one page that is shown to strangers; so it shows nothing of the program's state.
var loginForm = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Log in · Smoothscape</title></head>
<body>
<main>
<h1>Smoothscape</h1>
{{with .Message}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/login">
<p><label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label></p>
<p>It is the one that this smoothscape was started with.</p>
<input type="hidden" name="next" value="{{.Next}}">
<p><button type="submit">Log in</button></p>
</form>
</main>
</body>
</html>
`))

// loginPage shows the form; where no token is needed it goes on to the start page.
func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	if s.guard.token == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	return writeLogin(w, http.StatusOK, "", "/")
}

// login checks the token and gives the cookie.
func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	if s.guard.token == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	next := localPath(r.PostForm.Get("next"))
	if !sameSecret(r.PostForm.Get("token"), s.guard.token) {
		return writeLogin(w, http.StatusForbidden, "This is not the token. It is the one that smoothscape was started with, in full.", next)
	}
	http.SetCookie(w, &http.Cookie{
		Name: tokenCookie, Value: s.guard.proof(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func writeLogin(w http.ResponseWriter, status int, message, next string) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return loginForm.Execute(w, struct{ Message, Next string }{message, next})
}

// localPath is where to go after logging in: a path of this program, or its start page. Browsers read "//x" and "/\x" as another host.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// badForm is the fault of a form that cannot be read at all. One that is too large stays what it is: see publicFaults.
func badForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return &fault{Doing: "reading the form", Expected: "a form as the page sends it", Found: quoted(err.Error()), Advice: "Reload the page and try again."}
}
