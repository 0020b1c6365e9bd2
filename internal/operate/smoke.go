package operate

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
)

// smokeTimeout limits how long a change may take until readers see it: a purge takes milliseconds, a job seconds.
const smokeTimeout = time.Minute

// smoke is a smoke test of a wiki: what a user does.
type smoke struct {
	site   *site
	reader *mediawiki.Client // without a session; with one if only users may read
	user   *mediawiki.Client
	show   Printer
	title  string   // begins the titles of all pages that the test creates
	pages  []string // that exist now
}

// Smoke does what a user does: it reads, logs in, edits pages of its own, uploads a picture, and deletes what it has created. user and
// password are those of an administrator; empty means those of the first administrator that the wiki was installed with.
func (w *Wiki) Smoke(ctx context.Context, user, password string, show Printer) error {
	found, err := w.site(ctx)
	if err != nil {
		return err
	}
	if user != "" {
		found.user = user
	}
	if password != "" {
		found.password = password
	}
	return found.smoke(ctx, func() *mediawiki.Client {
		client := mediawiki.New(found.address)
		if w.Authorities != nil {
			client = client.WithAuthorities(w.Authorities)
		}
		return client
	}, show)
}

// smoke runs the test with new clients.
func (s *site) smoke(ctx context.Context, client func() *mediawiki.Client, show Printer) (err error) {
	t := &smoke{site: s, reader: client(), user: client(), show: show}
	t.title = fmt.Sprintf("User:%s/Smoke test %s", s.user, time.Now().UTC().Format("20060102T150405Z"))
	defer func() {
		// Delete what the test has created even if it has failed or was interrupted.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), smokeTimeout)
		defer cancel()
		err = errors.Join(err, t.cleanUp(last))
	}()
	for _, step := range []struct {
		what string
		run  func(context.Context) error
	}{
		{"log in", t.logIn},
		{"read the main page", t.readMainPage},
		{"edit a page", t.edit},
		{"see an edit of that page (purge)", t.editAgain},
		{"see an edit of a page that it includes (job)", t.editIncluded},
		{"upload a picture", t.upload},
	} {
		begun := time.Now()
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		t.show(fmt.Sprintf("ok  %-46s %s", step.what, time.Since(begun).Round(time.Millisecond)))
	}
	return nil
}

func (t *smoke) logIn(ctx context.Context) error {
	err := t.user.LogIn(ctx, t.site.user, t.site.password)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		return fmt.Errorf("%w; if it is a private authority that readers trust, name its certificate: "+
			"SSL_CERT_FILE=authority.pem wiki smoke (otherwise an intermediate certificate is missing: wiki doctor)", err)
	}
	if _, unreachable := errors.AsType[*url.Error](err); unreachable {
		return fmt.Errorf("%w; readers type this address, and this machine has to reach it: wiki doctor says why it does not", err)
	}
	if err != nil {
		return fmt.Errorf("%w; if the password was changed, set $WIKI_PASSWORD, or name another administrator", err)
	}
	if t.site.private {
		t.reader = t.user
	}
	return nil
}

// readMainPage follows the redirect from the wiki's address, as a browser does.
func (t *smoke) readMainPage(ctx context.Context) error {
	response, err := t.reader.Get(ctx, "/")
	target := "/"
	if err == nil && response.Status == http.StatusMovedPermanently {
		target = response.Header.Get("Location")
		response, err = t.reader.Get(ctx, target)
	}
	switch {
	case err != nil:
		return err
	case response.Status == http.StatusNotFound:
		return fmt.Errorf("%s does not exist, so readers of the wiki's address see no page; main pages have other names in other "+
			"languages: move the main page there, or write its title into the page MediaWiki:Mainpage", target)
	case response.Status != http.StatusOK:
		return fmt.Errorf("%s: status %d", target, response.Status)
	}
	return nil
}

func (t *smoke) edit(ctx context.Context) error {
	if err := t.user.Edit(ctx, t.title+"/part", "first part"); err != nil {
		return err
	}
	t.pages = append(t.pages, t.title+"/part")
	if err := t.user.Edit(ctx, t.title, "first text {{:"+t.title+"/part}}"); err != nil {
		return err
	}
	t.pages = append(t.pages, t.title)
	return t.awaitText(ctx, "first text first part")
}

func (t *smoke) editAgain(ctx context.Context) error {
	if err := t.user.Edit(ctx, t.title, "second text {{:"+t.title+"/part}}"); err != nil {
		return err
	}
	return t.awaitText(ctx, "second text first part")
}

// editIncluded changes a page. A job purges the pages that include it.
func (t *smoke) editIncluded(ctx context.Context) error {
	if err := t.user.Edit(ctx, t.title+"/part", "second part"); err != nil {
		return err
	}
	return t.awaitText(ctx, "second text second part")
}

// awaitText waits until readers see a text.
func (t *smoke) awaitText(ctx context.Context, text string) error {
	return t.await(ctx, func(ctx context.Context) error {
		page, err := t.reader.Page(ctx, t.title)
		if err == nil && !strings.Contains(page, text) {
			err = fmt.Errorf("readers do not see %q", text)
		}
		return err
	})
}

// await retries until an attempt succeeds, and returns the error of the last one.
func (t *smoke) await(ctx context.Context, attempt func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, smokeTimeout)
	defer cancel()
	var last error
	if wait.PollUntilContextCancel(ctx, pollInterval/2, true, func(ctx context.Context) (bool, error) {
		if err := attempt(ctx); ctx.Err() == nil {
			last = err
		}
		return last == nil, nil
	}) != nil && last == nil {
		last = ctx.Err()
	}
	return last
}

// upload uploads a picture and requests it and a thumbnail. It is skipped if uploads, or those of this type, are off.
func (t *smoke) upload(ctx context.Context) error {
	if !t.site.uploads.Enabled || !slices.Contains(t.site.uploads.Types, "png") {
		t.show("    uploads of png are off")
		return nil
	}
	content, err := smokePicture()
	if err != nil {
		return err
	}
	name := strings.NewReplacer("User:", "", "/", " ").Replace(t.title) + ".png"
	if err := t.user.Upload(ctx, name, content); err != nil {
		return err
	}
	t.pages = append(t.pages, "File:"+name)
	original, thumbnail, err := t.user.File(ctx, name, 100)
	if err != nil {
		return err
	}
	for _, address := range []string{original, thumbnail} {
		if err := t.await(ctx, func(ctx context.Context) error {
			response, err := t.reader.Get(ctx, address)
			if err == nil && response.Status != http.StatusOK {
				err = fmt.Errorf("%s: status %d", address, response.Status)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// cleanUp deletes what the test has created, and checks that readers do not see it any more.
func (t *smoke) cleanUp(ctx context.Context) error {
	var errs []error
	for _, page := range slices.Backward(t.pages) {
		if err := t.user.Delete(ctx, page); err != nil {
			errs = append(errs, fmt.Errorf("delete %s: %w", page, err))
			continue
		}
		errs = append(errs, t.await(ctx, func(ctx context.Context) error {
			response, err := t.reader.Get(ctx, (&url.URL{Path: "/wiki/" + strings.ReplaceAll(page, " ", "_")}).String())
			if err == nil && response.Status != http.StatusNotFound {
				err = fmt.Errorf("readers still see %s after it was deleted: status %d", page, response.Status)
			}
			return err
		}))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(t.pages) > 0 {
		t.show("ok  delete all of it")
	}
	return nil
}

// smokePicture returns a picture that is larger than its thumbnail.
func smokePicture() ([]byte, error) {
	picture := image.NewGray(image.Rect(0, 0, 200, 150))
	for x := range 200 {
		for y := range 150 {
			picture.SetGray(x, y, color.Gray{Y: uint8(x + y)})
		}
	}
	var file bytes.Buffer
	err := png.Encode(&file, picture)
	return file.Bytes(), err
}
