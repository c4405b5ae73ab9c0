// Package download reads files over HTTP for dataset.Fetch: from a byte offset on, if the server can (RFC 9110, section 14), and
// without waiting for ever on one that fell silent.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"smoothscape/trainer/dataset"
)

// Client is an HTTP client for large files.
type Client struct {
	HTTP  *http.Client
	Stall time.Duration // give up on a server that sends nothing for so long
}

// New is a Client that follows the environment's proxy, never leaves https for http, and waits 30 s at most for the next byte.
func New() *Client {
	return &Client{Stall: 30 * time.Second, HTTP: &http.Client{CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return errors.New("the server leads from https to " + r.URL.Scheme)
		}
		if len(via) >= 10 {
			return errors.New("the server leads in circles")
		}
		return nil
	}}}
}

var errStalled = errors.New("the server sent nothing for too long")

// Source is a dataset.Source.
func (c *Client) Source(ctx context.Context, url string, offset int64, validator string) (*dataset.Download, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(c.Stall, func() { cancel(errStalled) })
	give := func(answer *dataset.Download, err error) (*dataset.Download, error) {
		if err != nil {
			watch.Stop()
			cancel(nil)
		}
		return answer, err
	}
	response, err := c.ask(ctx, url, offset, validator)
	if err != nil {
		return give(nil, err)
	}
	if response.StatusCode == http.StatusRequestedRangeNotSatisfiable && offset > 0 {
		response.Body.Close()
		if response, err = c.ask(ctx, url, 0, ""); err != nil {
			return give(nil, err)
		}
	}
	answer := &dataset.Download{Total: -1, Validator: strongValidator(response.Header)}
	answer.Body = &watchedBody{body: response.Body, ctx: ctx, cancel: cancel, watch: watch, stall: c.Stall}
	switch status := response.StatusCode; {
	case status == http.StatusOK:
		answer.Total = response.ContentLength
		return answer, nil
	case status == http.StatusPartialContent:
		var last int64
		if n, _ := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-%d/%d", &answer.Offset, &last, &answer.Total); n < 2 {
			answer.Body.Close()
			return nil, refused(url, "resuming the download", fmt.Sprintf("the bytes from %d on", offset),
				fmt.Sprintf("Content-Range %.60q", response.Header.Get("Content-Range")))
		} else if n < 3 {
			answer.Total = -1
		}
		return answer, nil
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		answer.Body.Close()
		return nil, fmt.Errorf("the server answers %s", response.Status)
	default:
		answer.Body.Close()
		return nil, refused(url, "asking for the file", "200 OK", response.Status)
	}
}

func (c *Client) ask(ctx context.Context, url string, offset int64, validator string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, refused(url, "reading the address", "an http or https address", err.Error())
	}
	// Said outright, so that net/http does not unpack the file on its own.
	request.Header.Set("Accept-Encoding", "identity")
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		if validator != "" {
			request.Header.Set("If-Range", validator)
		}
	}
	response, err := c.HTTP.Do(request)
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return nil, errStalled
	}
	return response, err
}

// strongValidator is what If-Range may compare: an entity tag that is not weak, else the time of the last change.
func strongValidator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

func refused(url, doing, expected, found string) error {
	return &dataset.FormatError{File: url, Offset: -1, Doing: doing, Expected: expected, Found: found, Advice: "check the address, or try again later"}
}

// watchedBody winds the watch up at each read.
type watchedBody struct {
	body   io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	watch  *time.Timer
	stall  time.Duration
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.watch.Reset(b.stall)
	n, err := b.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(b.ctx), errStalled) {
		err = errStalled
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	return b.body.Close()
}
