package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestHealthyClusterAndWikiAreOK(t *testing.T) {
	findings := healthy().environment(t).Examine(t.Context())
	for _, f := range findings {
		assert.Equal(t, doctor.OK, f.Level, "%s: %s", f.About, said(f))
	}
	assert.GreaterOrEqual(t, len(findings), 20)
	assert.Equal(t, 0, doctor.ExitStatus(findings))
}

// TestFailedBackupIsNoFailedDrill: the Pods of both have the same label.
func TestFailedBackupIsNoFailedDrill(t *testing.T) {
	b := healthy()
	drill := b.cron.DeepCopy()
	drill.Name, drill.UID = "mediawiki-drill", "drill"
	b.others = append(b.others, drill, failed(aJobOf(b.cron, "mediawiki-backup-2")), ended("mediawiki-backup-2", "no space left"))
	found := about(t, "backups", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 2)
	assert.Equal(t, doctor.Failure, found[0].Level)
	assert.Contains(t, found[0].What, "Job mediawiki-backup-2 failed; the last backup")
	assert.Equal(t, doctor.OK, found[1].Level, said(found[1]))
	assert.Contains(t, found[1].What, "the last restore test")
}

func TestDoctorKnowsThatADistributionMaintainsItsPackages(t *testing.T) {
	b := healthy()
	b.web.Spec.Template.Spec.InitContainers = []corev1.Container{{Name: "varnish", Image: "localhost/varnish:7.6-debian13"}}
	found := about(t, "versions", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.OK, found[0].Level, said(found[0]))
	assert.Contains(t, said(found[0]), "Varnish 7.6, maintained with the packages of debian13")
}

// TestClusterWithoutAWikiIsExamined: no check of a wiki runs, and memory is compared with the requests of a new wiki.
func TestClusterWithoutAWikiIsExamined(t *testing.T) {
	b := healthy()
	b.node.Status.Allocatable[corev1.ResourceMemory] = resource.MustParse("900Mi")
	e := b.environment(t)
	e.Namespace = ""
	findings := e.Examine(t.Context())
	assert.Contains(t, said(about(t, "memory", findings)[0]), "no node has more than 900 MiB left")
	for _, f := range findings {
		assert.NotContains(t, []string{
			"rollout", "autoscaling", "Pods", "claims", "volumes", "site", "images", "versions", "backups", "stack",
		}, f.About)
	}
}

// TestDoctorNamesTheChecksThatTakeLong: the clock of the test does not wait.
func TestDoctorNamesTheChecksThatTakeLong(t *testing.T) {
	e := healthy().environment(t)
	e.Namespace = ""
	answer, reported := e.Get, []string{}
	e.Progress = func(line string) { reported = append(reported, line) }
	synctest.Test(t, func(t *testing.T) {
		e.Get = func(ctx context.Context, path string) ([]byte, error) {
			if path == "/readyz?verbose" {
				time.Sleep(7 * time.Second)
			}
			return answer(ctx, path)
		}
		e.Examine(t.Context())
	})
	assert.Equal(t, []string{"still checking: API server"}, reported)
}

func TestReportIsTextOrJSON(t *testing.T) {
	findings := []doctor.Finding{
		{Level: doctor.OK, About: "DNS", What: "answers"},
		{
			Level: doctor.Failure, About: "memory cgroup", What: "is off", Why: "limits do not hold", Fix: "sudo reboot",
			Details: []string{"a line"},
		},
	}
	var text, object bytes.Buffer
	doctor.WriteText(&text, findings)
	assert.Equal(t, `ok       DNS            answers
failure  memory cgroup  is off
                        | a line
                        why: limits do not hold
                        fix: sudo reboot

1 failure, 0 warnings, 1 ok
`, text.String())
	require.NoError(t, doctor.WriteJSON(&object, findings))
	var read []doctor.Finding
	require.NoError(t, json.Unmarshal(object.Bytes(), &read))
	assert.Equal(t, findings, read)
	assert.Equal(t, 1, doctor.ExitStatus(findings))
}
