package mediawiki

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// Texts returns the current texts of pages by title. Pages that do not exist are left out.
func (c *Client) Texts(ctx context.Context, titles ...string) (map[string]string, error) {
	const limit = 50 // titles in one request
	texts := map[string]string{}
	for len(titles) > 0 {
		some := titles[:min(limit, len(titles))]
		titles = titles[len(some):]
		var answer struct {
			Query struct {
				Pages []page `json:"pages"`
			} `json:"query"`
		}
		err := c.call(ctx, url.Values{
			"action": {"query"}, "prop": {"revisions"}, "rvprop": {"content"}, "rvslots": {"main"}, "titles": {strings.Join(some, "|")},
		}, &answer)
		if err != nil {
			return nil, err
		}
		for _, page := range answer.Query.Pages {
			if len(page.Revisions) > 0 {
				texts[page.Title] = page.Revisions[0].Slots.Main.Content
			}
		}
	}
	return texts, nil
}

type page struct {
	Title     string     `json:"title"`
	Revisions []revision `json:"revisions"`
}

type revision struct {
	ID        int64  `json:"revid"`
	User      string `json:"user"`
	Timestamp string `json:"timestamp"`
	Slots     struct {
		Main struct {
			Content string `json:"content"`
		} `json:"main"`
	} `json:"slots"`
}

// Search returns the titles of pages whose text contains the words.
func (c *Client) Search(ctx context.Context, words string) ([]string, error) {
	return c.titles(ctx, "search", url.Values{"srsearch": {words}, "srwhat": {"text"}})
}

// RecentChanges returns the titles of pages changed last, the newest change first.
func (c *Client) RecentChanges(ctx context.Context) ([]string, error) {
	return c.titles(ctx, "recentchanges", url.Values{})
}

func (c *Client) titles(ctx context.Context, list string, parameters url.Values) ([]string, error) {
	parameters.Set("action", "query")
	parameters.Set("list", list)
	var answer struct {
		Query map[string]json.RawMessage `json:"query"`
	}
	if err := c.call(ctx, parameters, &answer); err != nil {
		return nil, err
	}
	var found []page
	if err := json.Unmarshal(answer.Query[list], &found); err != nil {
		return nil, err
	}
	var titles []string
	for _, page := range found {
		titles = append(titles, page.Title)
	}
	return titles, nil
}

// Jobs returns the length of the job queue.
func (c *Client) Jobs(ctx context.Context) (int, error) {
	var answer struct {
		Query struct {
			Statistics struct {
				Jobs int `json:"jobs"`
			} `json:"statistics"`
		} `json:"query"`
	}
	err := c.call(ctx, url.Values{"action": {"query"}, "meta": {"siteinfo"}, "siprop": {"statistics"}}, &answer)
	return answer.Query.Statistics.Jobs, err
}

// Site is general information about the wiki.
type Site struct {
	Name      string `json:"sitename"`
	Language  string `json:"lang"`
	Generator string `json:"generator"`
	TimeZone  string `json:"timezone"`
}

// Site returns general information about the wiki.
func (c *Client) Site(ctx context.Context) (Site, error) {
	var answer struct {
		Query struct {
			General Site `json:"general"`
		} `json:"query"`
	}
	err := c.call(ctx, url.Values{"action": {"query"}, "meta": {"siteinfo"}, "siprop": {"general"}}, &answer)
	return answer.Query.General, err
}

// File returns the addresses of an upload and of its thumbnail with the given width in pixels.
func (c *Client) File(ctx context.Context, name string, width int) (original, thumbnail string, err error) {
	var answer struct {
		Query struct {
			Pages []struct {
				ImageInfo []struct {
					URL      string `json:"url"`
					ThumbURL string `json:"thumburl"`
				} `json:"imageinfo"`
			} `json:"pages"`
		} `json:"query"`
	}
	err = c.call(ctx, url.Values{
		"action": {"query"}, "titles": {"File:" + name}, "prop": {"imageinfo"}, "iiprop": {"url"}, "iiurlwidth": {strconv.Itoa(width)},
	}, &answer)
	if err != nil {
		return "", "", err
	}
	if pages := answer.Query.Pages; len(pages) == 1 && len(pages[0].ImageInfo) == 1 {
		return pages[0].ImageInfo[0].URL, pages[0].ImageInfo[0].ThumbURL, nil
	}
	return "", "", fmt.Errorf("there is no upload %s", name)
}

// all calls part with each part of a long response.
func (c *Client) all(ctx context.Context, parameters url.Values, part func(query json.RawMessage) error) error {
	parameters.Set("action", "query")
	for {
		var answer struct {
			Continue map[string]string `json:"continue"`
			Query    json.RawMessage   `json:"query"`
		}
		if err := c.call(ctx, maps.Clone(parameters), &answer); err != nil {
			return err
		}
		if err := part(answer.Query); err != nil {
			return err
		}
		if len(answer.Continue) == 0 {
			return nil
		}
		for key, value := range answer.Continue {
			parameters.Set(key, value)
		}
	}
}
