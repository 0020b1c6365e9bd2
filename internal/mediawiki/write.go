package mediawiki

import (
	"context"
	"fmt"
	"net/url"
)

// Edit sets a page's text. If it returns nil, the wiki has acknowledged the edit.
func (c *Client) Edit(ctx context.Context, title, text string) error {
	var answer struct {
		Edit struct {
			Result string `json:"result"`
		} `json:"edit"`
	}
	// Without assert, an edit after the session was lost would succeed as an anonymous edit.
	err := c.call(ctx, url.Values{
		"action": {"edit"}, "title": {title}, "text": {text}, "token": {c.token}, "assert": {"user"},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.Edit.Result != "Success" {
		return fmt.Errorf("editing %s: %s", title, answer.Edit.Result)
	}
	return nil
}

// Upload uploads a file, or a new version of it.
func (c *Client) Upload(ctx context.Context, name string, content []byte) error {
	var answer struct {
		Upload struct {
			Result string `json:"result"`
		} `json:"upload"`
	}
	err := c.callWithFile(ctx, url.Values{
		"action": {"upload"}, "filename": {name}, "ignorewarnings": {"1"}, "token": {c.token}, "assert": {"user"},
	}, "file", name, content, &answer)
	if err != nil {
		return err
	}
	if answer.Upload.Result != "Success" {
		return fmt.Errorf("uploading %s: %s", name, answer.Upload.Result)
	}
	return nil
}

// Delete deletes a page; for a file's page, also the file.
func (c *Client) Delete(ctx context.Context, title string) error {
	var answer any
	return c.call(ctx, url.Values{"action": {"delete"}, "title": {title}, "token": {c.token}, "assert": {"user"}}, &answer)
}

// Block blocks an address or a user. The client must be logged in as an administrator.
func (c *Client) Block(ctx context.Context, target string) error {
	var answer any
	return c.call(ctx, url.Values{"action": {"block"}, "user": {target}, "reason": {"test"}, "reblock": {"1"}, "token": {c.token}}, &answer)
}

// Mail sends a mail to a user.
func (c *Client) Mail(ctx context.Context, user, subject, text string) error {
	var answer struct {
		EmailUser struct{ Result, Message string } `json:"emailuser"`
	}
	err := c.call(ctx, url.Values{
		"action": {"emailuser"}, "target": {user}, "subject": {subject}, "text": {text}, "token": {c.token}, "assert": {"user"},
	}, &answer)
	if err == nil && answer.EmailUser.Result != "Success" {
		err = fmt.Errorf("mail to %s: %s: %s", user, answer.EmailUser.Result, answer.EmailUser.Message)
	}
	return err
}

// Purge invalidates the wiki's cached versions of a page.
func (c *Client) Purge(ctx context.Context, title string) error {
	var answer any
	return c.call(ctx, url.Values{"action": {"purge"}, "titles": {title}}, &answer)
}

// EditAnonymously is like Edit, without a session.
func (c *Client) EditAnonymously(ctx context.Context, title, text string) error {
	const token = `+\` // the token of every anonymous reader
	var answer any
	return c.call(ctx, url.Values{"action": {"edit"}, "title": {title}, "text": {text}, "token": {token}}, &answer)
}

// CreateAccount creates a user. The client must be logged in as an administrator.
func (c *Client) CreateAccount(ctx context.Context, user, password string) error {
	token, err := c.newToken(ctx, "createaccount")
	if err != nil {
		return err
	}
	var answer struct {
		Create struct {
			Status  string `json:"status"`
			Message string `json:"message"`
		} `json:"createaccount"`
	}
	err = c.call(ctx, url.Values{
		"action": {"createaccount"}, "username": {user}, "password": {password}, "retype": {password}, "createtoken": {token},
		"createreturnurl": {"http://localhost/"}, "reason": {"test"},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.Create.Status != "PASS" {
		return fmt.Errorf("creating user %s: %s: %s", user, answer.Create.Status, answer.Create.Message)
	}
	return nil
}
