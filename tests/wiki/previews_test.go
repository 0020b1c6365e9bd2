package wiki

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

var update = flag.Bool("update", false, "rewrite testdata/previews and docs/images/dashboard.svg")

// secondPreviewIsEmpty previews a stack that was just deployed.
func (w *wiki) secondPreviewIsEmpty(t *testing.T) {
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// changed has a new value for each key of Pulumi.yaml. Each is previewed on a stack with the default settings.
var changed = map[string]struct {
	value   any
	secret  bool
	refused string // part of the error if this stack cannot have the value
}{
	"masterSecret":        {value: secret.New(), secret: true},
	"databasePassword":    {value: secret.New(), secret: true},
	"migrationPassword":   {value: secret.New(), secret: true},
	"adminPassword":       {value: secret.New(), secret: true},
	"mailPassword":        {value: secret.New(), secret: true},
	"backupsPassword":     {value: secret.New(), secret: true, refused: "no effect"},
	"remoteSecret":        {value: secret.New(), secret: true, refused: "no effect"},
	"kubeconfig":          {value: os.Getenv("KUBECONFIG")},
	"context":             {value: "elsewhere", refused: "elsewhere"},
	"namespace":           {value: "elsewhere", refused: "a wiki does not move"},
	"createNamespace":     {value: false},
	"profile":             {value: "pi-4g"},
	"memory":              {value: 8192},
	"storage":             {value: "gentle"},
	"replicas":            {value: 3},
	"autoscaling.max":     {value: 4, refused: "no metrics-server"},
	"autoscaling.min":     {value: 1, refused: "no effect"},
	"autoscaling.cpu":     {value: 900, refused: "no effect"},
	"web.workers":         {value: 4},
	"web.requestMemory":   {value: 160},
	"web.opcache":         {value: 96},
	"web.apcu":            {value: 16},
	"images.mediawiki":    {value: "mediawiki:1.43.9"},
	"images.mariadb":      {value: "mariadb:11.8.8"},
	"images.restic":       {value: "restic/restic:0.19.1"},
	"images.varnish":      {value: "varnish:9.0.3"},
	"images.memcached":    {value: "memcached:1.6.45"},
	"objectCache.size":    {value: 96},
	"cache.enabled":       {value: false},
	"cache.replicas":      {value: 1},
	"cache.size":          {value: 32},
	"cache.limits":        {value: false},
	"serviceType":         {value: "ClusterIP"},
	"port":                {value: 8080},
	"nodePort":            {value: 30080},
	"siteUrl":             {value: "https://wiki.example.org"},
	"aliases":             {value: []string{"www.example.com"}},
	"hsts":                {value: 31536000},
	"ipFamilyPolicy":      {value: "PreferDualStack"},
	"ingress.enabled":     {value: true, refused: "a DNS name"}, // the proxy has an IP address
	"ingress.class":       {value: "public", refused: "no effect"},
	"ingress.namespace":   {value: "edge", refused: "no effect"},
	"ingress.annotations": {value: []string{"example.org/team=soup"}, refused: "no effect"},
	"tls.email":           {value: "you@example.org", refused: "no effect"},
	"tls.acmeServer":      {value: "https://ca.example.org/dir", refused: "no effect"},
	"tls.acmeCA":          {value: "PEM", refused: "no effect"},
	"tls.issuer":          {value: "Issuer/ours", refused: "no effect"},
	"tls.secret":          {value: "ours", refused: "no effect"},
	"tls.certificate":     {value: "PEM", refused: "no effect"},
	"tlsKey":              {value: secret.New(), secret: true, refused: "no effect"},
	"monitoring.enabled":  {value: false, refused: "without monitoring.enabled"},
	"monitoring.operator": {value: true, refused: "no Prometheus operator"},
	"monitoring.labels":   {value: []string{"release=ours"}},
	"egress":              {value: []string{"0.0.0.0/0:443"}},
	"trustedProxies":      {value: []string{"10.1.0.0/16"}},
	"siteName":            {value: "Soup kitchen"},
	"language":            {value: "de"},
	"timezone":            {value: "Europe/Berlin"},
	"skin":                {value: "timeless"},
	"skins":               {value: []string{"Vector"}},
	"extensions":          {value: []string{"Cite"}},
	"packages": {value: []map[string]any{{
		"name": "Cite", "url": "https://example.org/Cite.tar.gz", "sha256": strings.Repeat("5a", 32),
	}}},
	"packageAuthorities":         {value: "PEM", refused: "no effect"},
	"packageVolume.size":         {value: "3Gi", refused: "no effect"},
	"packageVolume.storageClass": {value: "elsewhere", refused: "no effect"},
	"logo":                       {value: "/images/a/ab/Logo.svg"},
	"icon":                       {value: "https://example.org/icon.png"},
	"favicon":                    {value: "/resources/assets/mediawiki.png"},
	"robots":                     {value: "none"},
	"sitemap":                    {value: false},
	"access":                     {value: "private"},
	"adminUser":                  {value: "Cook"},
	"uploads.enabled":            {value: false},
	"uploads.types":              {value: []string{"png"}},
	"uploads.maxSize":            {value: 80},
	"uploads.size":               {value: "9Gi", refused: "cannot expand"},
	"uploads.storageClass":       {value: "elsewhere", refused: "was created with"},
	"uploads.accessMode":         {value: "ReadWriteMany", refused: "was created with"},
	"backups.enabled":            {value: false},
	"backups.schedule":           {value: "0 4 * * 0"},
	"backups.drillSchedule":      {value: "17 5 * * 1"},
	"backups.keep":               {value: 3},
	"backups.size":               {value: "9Gi", refused: "cannot expand"},
	"backups.storageClass":       {value: "elsewhere", refused: "a volume cannot move"},
	"backups.remote":             {value: "s3:https://s3.example.org/wiki", refused: "backups.remoteKey"},
	"backups.remoteKey":          {value: "AKIA", refused: "no effect"},
	"backups.knownHosts":         {value: "example.org ssh-ed25519 AAAA", refused: "no effect"},
	"backups.restoreFrom":        {value: "latest"},
	"mail.host":                  {value: "mail.example.org", refused: "mail.from"},
	"mail.port":                  {value: 2525},
	"mail.user":                  {value: "wiki"},
	"mail.from":                  {value: "wiki@example.org"},
	"extraSettings":              {value: "$wgUseRCPatrol = true;"},
	"keepData":                   {value: false},
	"database.mode":              {value: "sidecar", refused: "no effect with database.mode sidecar"},
	"database.host":              {value: "db.example.org", refused: "no effect"},
	"database.port":              {value: 3307, refused: "no effect"},
	"database.name":              {value: "elsewhere", refused: "a database cannot be renamed"},
	"database.user":              {value: "cook"},
	"database.migrationUser":     {value: "chef"},
	"database.size":              {value: "9Gi", refused: "cannot expand"},
	"database.storageClass":      {value: "elsewhere", refused: "a volume cannot move"},
	"database.replicas":          {value: 2, refused: "another node"},
	"database.replicaTimeout":    {value: 20},
	"database.bufferPool":        {value: 96},
	"database.connections":       {value: 290},
	"timeouts.create":            {value: "20m"},
	"timeouts.update":            {value: "20m"},
	"timeouts.delete":            {value: "20m"},
}

// eachKeyHasItsPreview compares the preview of a change of each key with testdata/previews, and checks that no change replaces or deletes
// an object that holds data.
func (w *wiki) eachKeyHasItsPreview(t *testing.T) {
	require.Equal(t, engine.Keys(t), slices.Sorted(maps.Keys(changed)), "keys of Pulumi.yaml, and of the table in this file")
	for _, key := range cases(4, changed) {
		t.Run(key, func(t *testing.T) {
			change := changed[key]
			p, err := w.PreviewChange(t, engine.Change{Key: key, Value: change.value, Secret: change.secret})
			if change.refused != "" {
				require.Error(t, err)
				assert.Contains(t, p.Printed, change.refused)
				return
			}
			require.NoError(t, err, p.Printed)
			for _, line := range p.Changes {
				assert.NotRegexp(t, losesData, line)
			}
			compareWithGolden(t, key, p.Changes)
		})
	}
}

// losesData matches a line of a plan that would delete data.
var losesData = regexp.MustCompile(`^(delete|replace|create-replacement|delete-replaced|discard|discard-replaced|remove-pending-replace) ` +
	`(StatefulSet mediawiki-db\b|PersistentVolumeClaim |Namespace )`)

// compareWithGolden compares a plan with the golden file of the key.
func compareWithGolden(t *testing.T, key string, changes []string) {
	t.Helper()
	path := filepath.Join("testdata", "previews", key+".golden")
	text := strings.Join(append(changes, ""), "\n")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	kept, err := os.ReadFile(path)
	require.NoError(t, err, "fix: make test-wiki TESTFLAGS='-run=TestWiki -update', and review the diff")
	assert.Equal(t, string(kept), text, path)
}
