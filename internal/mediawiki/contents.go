package mediawiki

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Contents describes everything that a wiki stores, by name: revisions with the checksums of their texts, users with their groups, and
// uploads with the checksums of their files.
type Contents map[string]string

// Contents reads everything that the wiki stores. The client must be logged in as an administrator.
func (c *Client) Contents(ctx context.Context) (Contents, error) {
	contents := Contents{}
	for _, read := range []func(context.Context, Contents) error{c.revisions, c.users, c.uploads} {
		if err := read(ctx, contents); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

func (c *Client) revisions(ctx context.Context, into Contents) error {
	return c.all(ctx, url.Values{
		"list": {"allrevisions"}, "arvprop": {"ids|user|timestamp|content"}, "arvslots": {"main"}, "arvlimit": {"50"},
	}, func(query json.RawMessage) error {
		var answer struct {
			Pages []page `json:"allrevisions"`
		}
		if err := json.Unmarshal(query, &answer); err != nil {
			return err
		}
		for _, page := range answer.Pages {
			for _, r := range page.Revisions {
				into[fmt.Sprintf("revision %d", r.ID)] = fmt.Sprintf("%s by %s at %s: %x",
					page.Title, r.User, r.Timestamp, sha256.Sum256([]byte(r.Slots.Main.Content)))
			}
		}
		return nil
	})
}

// users reads all but the number of a user's edits, which MediaWiki counts after it has answered the request that edits.
func (c *Client) users(ctx context.Context, into Contents) error {
	return c.all(ctx, url.Values{
		"list": {"allusers"}, "auprop": {"groups|registration"}, "aulimit": {"50"},
	}, func(query json.RawMessage) error {
		var answer struct {
			Users []struct {
				Name         string   `json:"name"`
				Groups       []string `json:"groups"`
				Registration string   `json:"registration"`
			} `json:"allusers"`
		}
		if err := json.Unmarshal(query, &answer); err != nil {
			return err
		}
		for _, user := range answer.Users {
			into["user "+user.Name] = fmt.Sprintf("in %s, since %s", strings.Join(user.Groups, ", "), user.Registration)
		}
		return nil
	})
}

func (c *Client) uploads(ctx context.Context, into Contents) error {
	return c.all(ctx, url.Values{
		"list": {"allimages"}, "aiprop": {"url"}, "ailimit": {"50"},
	}, func(query json.RawMessage) error {
		var answer struct {
			Files []struct {
				Name string `json:"name"`
				URL  string `json:"url"`
			} `json:"allimages"`
		}
		if err := json.Unmarshal(query, &answer); err != nil {
			return err
		}
		for _, file := range answer.Files {
			response, err := c.Get(ctx, file.URL)
			if err != nil {
				return err
			}
			if response.Status != http.StatusOK {
				return fmt.Errorf("upload %s: status %d", file.Name, response.Status)
			}
			into["upload "+file.Name] = fmt.Sprintf("%x", sha256.Sum256(response.Body))
		}
		return nil
	})
}
