package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

const (
	dbClaim, uploadsClaim, backupsClaim = "mediawiki-db", "mediawiki-uploads", "mediawiki-backups"

	newest = "pulumi config set --path backups.restoreFrom latest && pulumi refresh && pulumi up     (restores the newest backup)"
	empty  = "pulumi config set --path backups.restoreFrom none && pulumi refresh && pulumi up     (for a new wiki)"
	again  = "pulumi refresh && pulumi up     (an empty volume)"
	retain = `kubectl patch pv pvc-1 --type=merge -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`
)

// withClaims gives a stack the claims of a wiki and the outputs of its last update.
func withClaims(s *state.Stack) {
	s.Claims = map[string]string{dbClaim: "db", uploadsClaim: "uploads", backupsClaim: "backups"}
	s.DatabaseHost = dbClaim
}

// volume returns a bound claim.
func volume(name, uid string) *corev1.PersistentVolumeClaim {
	claim := newClaim(name, "microk8s-hostpath", "")
	claim.UID, claim.Spec.VolumeName = types.UID(uid), "pvc-1"
	return claim
}

func TestWikiWhoseVolumeIsLostIsNotReplacedByAnEmptyOne(t *testing.T) {
	db, uploads, backups := volume(dbClaim, "db"), volume(uploadsClaim, "uploads"), volume(backupsClaim, "backups")
	refreshed := func(names ...string) func(*state.Stack) {
		return func(s *state.Stack) {
			for _, name := range names {
				delete(s.Claims, name)
			}
		}
	}
	elsewhere := func(s *state.Stack) { s.DatabaseHost = "mariadb.example.org" }
	nothing := func(s *state.Stack) { *s = *thisStack }
	none, latest := map[string]string{"backups": `{"restoreFrom":"none"}`}, map[string]string{"backups": `{"restoreFrom":"latest"}`}
	for name, c := range map[string]struct {
		own      []func(*state.Stack)
		claims   []runtime.Object
		values   map[string]string
		found    map[string]string // part of what is found, by key
		fixes    []string
		warnings []string
	}{
		"nothing is missing":        {claims: []runtime.Object{db, uploads, backups}},
		"a stack that is new":       {own: []func(*state.Stack){nothing}},
		"a stack that is destroyed": {own: []func(*state.Stack){nothing}, claims: []runtime.Object{db, uploads, backups}},
		"the database's claim is being deleted": {
			claims: []runtime.Object{deleted(volume(dbClaim, "db"), "kubernetes.io/pvc-protection"), uploads, backups},
			found:  map[string]string{"database": "on claim mediawiki-test/mediawiki-db, which was deleted at"}, fixes: []string{retain},
		},
		"the uploads' claim is being deleted": {
			claims: []runtime.Object{db, deleted(volume(uploadsClaim, "uploads"), "kubernetes.io/pvc-protection"), backups},
			found:  map[string]string{"uploads": "which was deleted at"}, fixes: []string{retain},
		},
		"the backups' claim is being deleted": {
			claims: []runtime.Object{db, uploads, deleted(volume(backupsClaim, "backups"), "kubernetes.io/pvc-protection")},
			found:  map[string]string{"backups": "which was deleted at"}, fixes: []string{retain},
		},
		"the database's claim is lost": {
			claims: []runtime.Object{uploads, backups},
			found:  map[string]string{"database": "no longer exists"}, fixes: []string{newest, empty},
		},
		"the database's claim was created again": {
			claims: []runtime.Object{volume(dbClaim, "another"), uploads, backups},
			found:  map[string]string{"database": "was created again"}, fixes: []string{newest},
		},
		"the uploads' claim is lost": {
			claims: []runtime.Object{db, backups}, found: map[string]string{"uploads": "no longer exists"}, fixes: []string{again},
		},
		"the backups' claim is lost": {
			claims: []runtime.Object{db, uploads}, found: map[string]string{"backups": "no longer exists"}, fixes: []string{again},
		},
		"the namespace was deleted with everything in it": {
			found: map[string]string{"database": "no longer exists", "uploads": "no longer exists", "backups": "no longer exists"},
			fixes: []string{empty, again},
		},
		"the database's claim is lost, and a refresh has removed it from the state": {
			own: []func(*state.Stack){refreshed(dbClaim)}, claims: []runtime.Object{uploads, backups},
			found: map[string]string{"database": "no longer exists"}, fixes: []string{newest, empty, "pulumi destroy"},
		},
		"a refresh has removed everything from the state": {
			own:   []func(*state.Stack){nothing, func(s *state.Stack) { s.DatabaseHost = dbClaim }},
			found: map[string]string{"database": "no longer exists"}, fixes: []string{empty},
		},
		"it is lost, and the settings say that a backup is to be restored": {
			own: []func(*state.Stack){refreshed(dbClaim)}, claims: []runtime.Object{uploads, backups}, values: latest,
			warnings: []string{"creates an empty one and restores the wiki from backup latest"},
		},
		"it is lost, and the settings say that the wiki is to be new": {
			own: []func(*state.Stack){refreshed(dbClaim)}, claims: []runtime.Object{uploads, backups}, values: none,
			warnings: []string{"creates an empty one and installs a new wiki"},
		},
		"it is lost, and the stack has not been told": {
			claims: []runtime.Object{uploads, backups}, values: none,
			found: map[string]string{"database": "no longer exists"}, fixes: []string{newest},
		},
		"the settings allow an empty wiki beside one that exists": {
			claims: []runtime.Object{db, uploads, backups}, values: none,
			warnings: []string{"backups.restoreFrom none has no effect on an existing wiki"},
		},
		"the settings allow an empty wiki, which is not installed yet": {
			own:    []func(*state.Stack){func(s *state.Stack) { s.DatabaseHost = "" }},
			claims: []runtime.Object{db, uploads, backups}, values: none,
		},
		"a wiki moves here from a database elsewhere": {
			own: []func(*state.Stack){refreshed(dbClaim), elsewhere}, claims: []runtime.Object{uploads, backups},
		},
	} {
		t.Run(name, func(t *testing.T) {
			own := deployed(append([]func(*state.Stack){withClaims}, c.own...)...)
			client := clusterWith(append(c.claims, hostpath())...)
			found, err := preflight.Check(t.Context(), client, "mediawiki", own, settings(t, c.values))
			require.NoError(t, err)
			fixes := ""
			assert.Len(t, found.Problems, len(c.found))
			for _, problem := range found.Problems {
				require.NotEmpty(t, c.found[problem.Key], problem.Key)
				assert.Contains(t, problem.Found, c.found[problem.Key])
				fixes += problem.Fix + "\n"
			}
			for _, fix := range c.fixes {
				assert.Contains(t, fixes, fix)
			}
			require.Len(t, found.Warnings, len(c.warnings))
			for i, warning := range c.warnings {
				assert.Contains(t, found.Warnings[i], warning)
			}
		})
	}
}
