// Package mediawiki is a client of a wiki's API, as a bot is one: https://www.mediawiki.org/wiki/API:Main_page
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

// Client is a reader, or once logged in a user, of one wiki. Each request makes a connection of its own, so that each may reach
// another Pod.
type Client struct {
	// URL is the wiki's address, without a slash at its end.
	URL string

	http  *http.Client
	token string // against request forgery, of this session
}

// timeout bounds a request. A reader would not wait longer.
const timeout = 10 * time.Second

// New makes a client without a session.
func New(address string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // cookiejar.New has never failed
	}
	return &Client{URL: address, http: &http.Client{
		Timeout: timeout, Jar: jar, Transport: &http.Transport{DisableKeepAlives: true},
		// A redirect is an answer: one to another address must not pass for this wiki's.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// WithDial is the same session whose requests all go by this way, whatever the address says: to one Pod, or past a proxy that ends TLS. They
// are not encrypted.
func (c *Client) WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	return c.with(func(way *http.Transport) { way.DialContext, way.DialTLSContext = dial, dial })
}

// WithAuthorities is the same session of somebody who trusts certificates of these authorities alone.
func (c *Client) WithAuthorities(authorities *x509.CertPool) *Client {
	return c.with(func(way *http.Transport) {
		way.TLSClientConfig = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	})
}

// WithLocalAddress is the same session of somebody who has this address.
func (c *Client) WithLocalAddress(address string) *Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return c.with(func(way *http.Transport) { way.DialContext = dialer.DialContext })
}

func (c *Client) with(change func(*http.Transport)) *Client {
	way := *c.http
	transport := c.http.Transport.(*http.Transport).Clone()
	change(transport)
	way.Transport = transport
	return &Client{URL: c.URL, http: &way, token: c.token}
}

// WithTimeout is the same session of somebody who waits longer.
func (c *Client) WithTimeout(patience time.Duration) *Client {
	patient := *c.http
	patient.Timeout = patience
	return &Client{URL: c.URL, http: &patient, token: c.token}
}

// At is the same browser, with its cookies, at another wiki.
func (c *Client) At(address string) *Client { return &Client{URL: address, http: c.http} }

// Response is an answer of the web server.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// StatusError is an answer that is not what was asked for.
type StatusError struct {
	Asked  string // a page, or the API
	Status int
	Body   []byte
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: status %d: %.300s", e.Asked, e.Status, e.Body)
}

// Get asks for a path of the wiki, or for a whole address of the wiki's. Any status is an answer.
func (c *Client) Get(ctx context.Context, path string) (*Response, error) {
	return c.Request(ctx, http.MethodGet, path, http.Header{})
}

// Request is Get with another method, or with a header.
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

// resolve makes an address of a path, and of an address such as //host/path.
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

// Page reads a page as a reader's browser gets it. Any answer but the page is an error.
func (c *Client) Page(ctx context.Context, title string) (string, error) {
	path := url.URL{Path: "/wiki/" + strings.ReplaceAll(title, " ", "_")}
	response, err := c.Get(ctx, path.String())
	if err != nil {
		return "", err
	}
	if response.Status != http.StatusOK {
		return "", &StatusError{Asked: "page " + title, Status: response.Status, Body: response.Body}
	}
	return string(response.Body), nil
}

// call makes a request of the API, and fails for what the API calls an error, whatever the HTTP status.
func (c *Client) call(ctx context.Context, parameters url.Values, answer any) error {
	return c.post(ctx, "application/x-www-form-urlencoded", bytes.NewBufferString(withFormat(parameters).Encode()), answer)
}

// callWithFile is call with a file among the parameters.
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
		return &StatusError{Asked: "API", Status: response.Status, Body: response.Body}
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

// Error is what the API says of a request that it refuses: https://www.mediawiki.org/wiki/API:Errors_and_warnings
type Error struct {
	Code string `json:"code"`
	Info string `json:"info"`
	// Reason is why the wiki is read-only.
	Reason string `json:"readonlyreason"`
}

func (e *Error) Error() string { return "API: " + e.Code + ": " + e.Info + " " + e.Reason }
