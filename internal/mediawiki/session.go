package mediawiki

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// LogIn starts a session: https://www.mediawiki.org/wiki/API:Login#Method_2._clientlogin
func (c *Client) LogIn(ctx context.Context, user, password string) error {
	token, err := c.newToken(ctx, "login")
	if err != nil {
		return err
	}
	var answer struct {
		ClientLogin struct {
			Status  string `json:"status"`
			Message string `json:"message"`
		} `json:"clientlogin"`
	}
	err = c.call(ctx, url.Values{
		"action": {"clientlogin"}, "username": {user}, "password": {password}, "logintoken": {token}, "loginreturnurl": {c.URL},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.ClientLogin.Status != "PASS" {
		return fmt.Errorf("%s is not logged in: %s", user, answer.ClientLogin.Message)
	}
	c.token, err = c.newToken(ctx, "csrf")
	return err
}

func (c *Client) newToken(ctx context.Context, kind string) (string, error) {
	var answer struct {
		Query struct {
			Tokens map[string]string `json:"tokens"`
		} `json:"query"`
	}
	err := c.call(ctx, url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {kind}}, &answer)
	return answer.Query.Tokens[kind+"token"], err
}

// User is the session's user. An anonymous reader has an address as name, and is only in group *.
type User struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
}

// WhoAmI returns the session's user.
func (c *Client) WhoAmI(ctx context.Context) (User, error) {
	var answer struct {
		Query struct {
			UserInfo User `json:"userinfo"`
		} `json:"query"`
	}
	err := c.call(ctx, url.Values{"action": {"query"}, "meta": {"userinfo"}, "uiprop": {"groups"}}, &answer)
	return answer.Query.UserInfo, err
}

// Cookie returns the Cookie header of the session's requests.
func (c *Client) Cookie() string {
	address, err := url.Parse(c.URL)
	if err != nil {
		return ""
	}
	var pairs []string
	for _, cookie := range c.http.Jar.Cookies(address) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}
