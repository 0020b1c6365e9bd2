package wiki

import (
	"testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

// operator returns the wiki's operator, with a printer that logs progress.
func (w *wiki) operator(t *testing.T) (*operate.Wiki, operate.Printer) {
	t.Helper()
	operator := &operate.Wiki{
		Client: w.Kube, Attach: operate.AttachWith(w.Config), Fetch: operate.FetchWith(w.Config), Namespace: w.Name, Name: "mediawiki",
	}
	if w.proxy != nil {
		operator.Authorities = w.proxy.Authorities
	}
	return operator, func(line string) { t.Log(line) }
}
