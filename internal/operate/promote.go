package operate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Exit statuses of `replicate.sh take`.
const (
	unanswered = 3 // the primary does not answer
	incomplete = 4 // the replica has no complete copy
)

// promotion makes the replica of two databases the primary.
type promotion struct {
	*Wiki
	show     Printer
	lose     bool // edits may be lost
	closed   bool // the old primary was told through the API server to accept no edits
	lost     bool // the old primary cannot be reached
	roles    *corev1.ConfigMap
	from, to member
}

// member is one of two databases.
type member struct {
	number string // in the ConfigMap with the roles
	app    string // label of its Pod, which is the first one of a StatefulSet of that name
}

func (m member) pod() string { return m.app + "-0" }

// Promote makes the replica of the wiki's database the primary. It refuses if edits would be lost, unless lose is true. A promotion that
// was interrupted is completed.
func (w *Wiki) Promote(ctx context.Context, lose bool, show Printer) error {
	p, err := w.newPromotion(ctx, lose, show)
	if err != nil {
		return err
	}
	begun := time.Now()
	interrupted, err := p.interrupted(ctx)
	if err != nil {
		return err
	}
	if interrupted {
		show(fmt.Sprintf("an earlier promotion of %s was interrupted: completing it", p.from.app))
		p.from, p.to = p.to, p.from
	} else {
		show(fmt.Sprintf("%s is the primary, %s its replica", p.from.app, p.to.app))
		if err := p.take(ctx); err != nil {
			return err
		}
		// From here on, the old primary stays closed whatever happens.
		p.roles.Data[parts.PrimaryKey] = p.to.number
		if _, err := p.Client.CoreV1().ConfigMaps(p.Namespace).Update(ctx, p.roles, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("%w\nfix: wiki promote     (again: edits fail until then)", err)
		}
	}
	if err := p.lead(ctx); err != nil {
		return fmt.Errorf("%w\nfix: wiki promote     (again: edits fail until then)", err)
	}
	show(fmt.Sprintf("%s is the primary and accepts edits, after %s", p.to.app, time.Since(begun).Round(time.Second/10)))
	show(p.demote(ctx))
	return nil
}

func (w *Wiki) newPromotion(ctx context.Context, lose bool, show Printer) (*promotion, error) {
	roles, err := w.Client.CoreV1().ConfigMaps(w.Namespace).Get(ctx, parts.Roles(w.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		if _, err := w.web(ctx); err != nil {
			return nil, err
		}
		return nil, &cluster.Error{
			What: fmt.Sprintf("the wiki in namespace %s has no second database that could be promoted", w.Namespace),
			Fix:  "pulumi config set --path database.replicas 2 && pulumi up",
		}
	}
	if err != nil {
		return nil, err
	}
	p := &promotion{
		Wiki: w, show: show, lose: lose, roles: roles,
		from: member{parts.FirstMember, parts.Database.Of(w.Name)}, to: member{parts.SecondMember, parts.Database2.Of(w.Name)},
	}
	if roles.Data[parts.PrimaryKey] == p.to.number {
		p.from, p.to = p.to, p.from
	}
	return p, nil
}

// interrupted reports whether an earlier promotion was interrupted: the roles name a primary that has not become the primary.
func (p *promotion) interrupted(ctx context.Context) (bool, error) {
	service, err := p.Client.CoreV1().Services(p.Namespace).Get(ctx, parts.Database.Of(p.Name), metav1.GetOptions{})
	if err != nil || service.Spec.Selector["app"] != p.from.app {
		return true, err
	}
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	_, status, err := p.replicate(ctx, p.from, "copied")
	return err == nil && status == 0, nil // an error is no interruption: the primary may be lost with its node
}

// take closes the primary and waits until the replica has all that the primary has written. If the primary does not answer, take makes sure
// that it is closed.
func (p *promotion) take(ctx context.Context) error {
	if p.lose {
		if _, err := p.isGone(ctx); err != nil {
			p.show("  " + err.Error())
		}
		p.lost = !p.closed
		return p.prepare(ctx, "lose")
	}
	p.show("closing the primary, and waiting until the replica has every edit")
	printed, status, err := p.replicate(ctx, p.to, "take")
	switch {
	case err != nil:
		return err
	case status == unanswered:
		p.show("  the primary does not answer")
	default:
		return p.refused(status, printed)
	}
	alive, err := p.isGone(ctx)
	if err != nil {
		return err
	}
	p.lost = !p.closed
	return p.prepare(ctx, "gone", strconv.FormatInt(alive.Unix(), 10))
}

// prepare prepares the replica, with the arguments of `replicate.sh take`. If the replica refuses, the old primary accepts edits again.
func (p *promotion) prepare(ctx context.Context, how ...string) error {
	printed, status, err := p.replicate(ctx, p.to, append([]string{"take"}, how...)...)
	if err == nil {
		err = p.refused(status, printed)
	}
	if err != nil && p.closed {
		err = errors.Join(err, p.run(ctx, p.from, "reopen"))
	}
	return err
}

// demote makes the old primary the replica, and returns a message about it. An old primary that cannot be reached reads the roles later.
func (p *promotion) demote(ctx context.Context) string {
	const alone = "until that is complete, there is only one copy, which wiki doctor warns of"
	if p.lost {
		return fmt.Sprintf("%s becomes its replica when it runs again, and copies the database; %s", p.from.app, alone)
	}
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if err := p.run(ctx, p.from, "demote"); err != nil {
		return fmt.Sprintf("%s becomes its replica within two minutes, or when it runs again, because it could not be told (%v); %s",
			p.from.app, err, alone)
	}
	return fmt.Sprintf("%s is its replica now, and copies the database; %s", p.from.app, alone)
}

// lead makes the new primary accept edits, and points both Services at their new databases.
func (p *promotion) lead(ctx context.Context) error {
	if err := p.run(ctx, p.to, "promote"); err != nil {
		return err
	}
	for service, app := range map[string]string{parts.Replica(p.Name): p.from.app, parts.Database.Of(p.Name): p.to.app} {
		patch := fmt.Appendf(nil, `{"spec":{"selector":{"app":%q}}}`, app)
		_, err := p.Client.CoreV1().Services(p.Namespace).Patch(ctx, service, types.MergePatchType, patch, metav1.PatchOptions{})
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs a command of replicate.sh, and returns what it prints as an error if it fails.
func (p *promotion) run(ctx context.Context, m member, command ...string) error {
	printed, status, err := p.replicate(ctx, m, command...)
	if err == nil && status != 0 {
		err = fmt.Errorf("in Pod %s: %s", m.pod(), printed)
	}
	return err
}

func (p *promotion) replicate(ctx context.Context, m member, command ...string) (string, int, error) {
	command = append([]string{"bash", "/etc/mediawiki-stack/replicate.sh"}, command...)
	printed, status, err := p.Exec(ctx, p.Namespace, m.pod(), "replication", command...)
	if err != nil {
		err = fmt.Errorf("in Pod %s: %w", m.pod(), err)
	}
	return printed, status, err
}

// refused returns the error of a promotion that the replica refuses, or nil if it does not refuse.
func (p *promotion) refused(status int, reason string) error {
	const unchanged = "not promoted, and nothing has changed: "
	switch status {
	case 0:
		return nil
	case incomplete:
		return &cluster.Error{
			What: fmt.Sprintf("%s%s has no complete copy of %s yet",
				unchanged, p.to.app, p.from.app),
			Fix: fmt.Sprintf("wiki -n %s doctor     (says when it has; then promote again)", p.Namespace),
		}
	default:
		return &cluster.Error{
			What: unchanged + reason,
			Fix: fmt.Sprintf("wiki -n %s promote --lose-edits     (if %s is lost for good, or these edits do not matter)",
				p.Namespace, p.from.app),
		}
	}
}
