package doctor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestDamagedBackupsAreNamedWithTheCommandsThatHelp(t *testing.T) {
	b := healthy()
	b.answers["mediawiki-app-1:8081/metrics"] = "# TYPE mediawiki_backup_damaged gauge\n" +
		"mediawiki_backup_damaged{name=\"20261125T031700Z\"} 1\nmediawiki_backup_damaged{name=\"my%20best\"} 1\n"
	findings := b.environment(t).Examine(t.Context())
	found := about(t, "backups", findings)
	require.Len(t, found, 2)
	assert.Equal(t, doctor.Warning, found[0].Level)
	assert.Contains(t, found[0].What, "damaged backups: 20261125T031700Z, my best")
	assert.Contains(t, found[0].Fix, "wiki --namespace mediawiki-test backups ")
	assert.Contains(t, found[0].Fix, "wiki --namespace mediawiki-test backup\n")
	assert.Equal(t, doctor.OK, found[1].Level, "the schedule of backups")
	assert.Equal(t, doctor.OK, about(t, "backup clock", findings)[0].Level)
}

// TestFailedDrillIsFollowedByABackup: to repeat the drill alone would not help if the newest backup is damaged.
func TestFailedDrillIsFollowedByABackup(t *testing.T) {
	b := healthy()
	b.cron.Name = "mediawiki-drill"
	b.others = append(b.others, failed(aJobOf(b.cron, "mediawiki-drill-2")),
		ended("mediawiki-drill-2", "Drill failed: 20261125T031700Z is damaged"))
	found := about(t, "backups", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.Failure, found[0].Level)
	assert.Contains(t, said(found[0]), "20261125T031700Z is damaged")
	assert.Regexp(t, `^.* backup\n.* drill$`, found[0].Fix)
}
