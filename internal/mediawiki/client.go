// Package mediawiki is a client of a wiki's API and pages: https://www.mediawiki.org/wiki/API:Main_page
package mediawiki

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// Client is an anonymous reader or a logged-in user of one wiki. Each request has its own connection, so that each may reach another Pod.
type Client struct {
	// URL is the wiki's address without a trailing slash.
	URL string

	http  *http.Client
	token string // the session's CSRF token
}

// timeout limits a request to the time that a reader would wait.
const timeout = 10 * time.Second

// New creates a client without a session.
func New(address string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // cookiejar.New never fails
	}
	return &Client{URL: address, http: &http.Client{
		Timeout: timeout, Jar: jar, Transport: &http.Transport{DisableKeepAlives: true},
		// Do not follow redirects: another server's page must not pass for this wiki's.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// WithDial returns a client of the same session that connects with dial, whatever the address is: to one Pod, or past a proxy that
// terminates TLS. Its connections are not encrypted.
func (c *Client) WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	return c.with(func(transport *http.Transport) { transport.DialContext, transport.DialTLSContext = dial, dial })
}

// Through returns a client of the same session that connects with dial, whatever the address is. If the address is https, it then uses TLS.
func (c *Client) Through(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	return c.with(func(transport *http.Transport) { transport.DialContext = dial })
}

// WithAuthorities returns a client of the same session that trusts only these certificate authorities.
func (c *Client) WithAuthorities(authorities *x509.CertPool) *Client {
	return c.with(func(transport *http.Transport) {
		transport.TLSClientConfig = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	})
}

// WithLocalAddress returns a client of the same session that connects from this local address.
func (c *Client) WithLocalAddress(address string) *Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return c.with(func(transport *http.Transport) { transport.DialContext = dialer.DialContext })
}

// with returns a client of the same session with a changed transport.
func (c *Client) with(change func(*http.Transport)) *Client {
	client := *c.http
	transport := c.http.Transport.(*http.Transport).Clone()
	change(transport)
	client.Transport = transport
	return &Client{URL: c.URL, http: &client, token: c.token}
}

// WithTimeout returns a client of the same session with another timeout.
func (c *Client) WithTimeout(timeout time.Duration) *Client {
	client := *c.http
	client.Timeout = timeout
	return &Client{URL: c.URL, http: &client, token: c.token}
}

// At returns a client of another wiki with the same cookies, as in one browser.
func (c *Client) At(address string) *Client { return &Client{URL: address, http: c.http} }

// Response is a response of the web server.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// StatusError is a response with an unexpected status.
type StatusError struct {
	Target string // a page, or the API
	Status int
	Body   []byte
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: status %d: %.300s", e.Target, e.Status, e.Body)
}

// Get requests a path, or a full address of the wiki. It accepts any status.
func (c *Client) Get(ctx context.Context, path string) (*Response, error) {
	return c.Request(ctx, http.MethodGet, path, http.Header{})
}

// Request is like Get, with a method and a header.
func (c *Client) Request(ctx context.Context, method, path string, header http.Header) (*Response, error) {
	address, err := c.resolve(path)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header = header
	return c.send(request)
}

// resolve returns the address of a path, or of a protocol-relative address such as //host/path.
func (c *Client) resolve(path string) (string, error) {
	base, err := url.Parse(c.URL)
	if err != nil {
		return "", err
	}
	address, err := base.Parse(path)
	if err != nil {
		return "", err
	}
	return address.String(), nil
}

// Page returns the HTML of a page. Any status other than 200 is an error.
func (c *Client) Page(ctx context.Context, title string) (string, error) {
	path := url.URL{Path: "/wiki/" + strings.ReplaceAll(title, " ", "_")}
	response, err := c.Get(ctx, path.String())
	if err != nil {
		return "", err
	}
	if response.Status != http.StatusOK {
		return "", &StatusError{Target: "page " + title, Status: response.Status, Body: response.Body}
	}
	return string(response.Body), nil
}

// call sends a request to the API. It returns the API's errors, which have HTTP status 200.
func (c *Client) call(ctx context.Context, parameters url.Values, answer any) error {
	return c.post(ctx, "application/x-www-form-urlencoded", bytes.NewBufferString(withFormat(parameters).Encode()), answer)
}

// callWithFile is like call, with a file among the parameters.
func (c *Client) callWithFile(ctx context.Context, parameters url.Values, field, name string, content []byte, answer any) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, values := range withFormat(parameters) {
		if err := form.WriteField(key, values[0]); err != nil {
			return err
		}
	}
	file, err := form.CreateFormFile(field, name)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	return c.post(ctx, form.FormDataContentType(), &body, answer)
}

func withFormat(parameters url.Values) url.Values {
	parameters.Set("format", "json")
	parameters.Set("formatversion", "2")
	return parameters
}

func (c *Client) post(ctx context.Context, kind string, body io.Reader, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/api.php", body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", kind)
	response, err := c.send(request)
	if err != nil {
		return err
	}
	if response.Status != http.StatusOK {
		return &StatusError{Target: "API", Status: response.Status, Body: response.Body}
	}
	var failed struct {
		Error *Error `json:"error"`
	}
	if err := json.Unmarshal(response.Body, &failed); err != nil {
		return fmt.Errorf("API: %w: %.300s", err, response.Body)
	}
	if failed.Error != nil {
		return failed.Error
	}
	return json.Unmarshal(response.Body, answer)
}

func (c *Client) send(request *http.Request) (*Response, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &Response{Status: response.StatusCode, Header: response.Header, Body: body}, err
}

// Error is an error of the API: https://www.mediawiki.org/wiki/API:Errors_and_warnings
type Error struct {
	Code string `json:"code"`
	Info string `json:"info"`
	// Reason says why the wiki is read-only.
	Reason string `json:"readonlyreason"`
}

func (e *Error) Error() string { return "API: " + e.Code + ": " + e.Info + " " + e.Reason }
