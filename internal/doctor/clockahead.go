package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// backupClock looks for backups that were made while the cluster's clock was ahead: a Raspberry Pi has no clock that runs without power.
func backupClock(ctx context.Context, e *Environment) ([]Finding, error) {
	metrics, err := e.backupMetrics(ctx)
	if err != nil {
		return nil, err
	}
	if len(metrics) == 0 {
		return passed("no Pod provides metrics of backups"), nil
	}
	var found []Finding
	if match := metricTime.FindSubmatch(metrics); match != nil {
		seconds, err := strconv.ParseInt(string(match[1]), 10, 64)
		if err != nil {
			return nil, err
		}
		if ahead := time.Unix(seconds, 0).Sub(e.Now); ahead > time.Hour {
			found = append(found, Finding{
				Level: Warning,
				What:  fmt.Sprintf("the newest backup was made %s in the future: the cluster's clock was ahead", ahead.Round(time.Hour)),
				Why:   "the times of edits are wrong, and certificates may seem expired", Fix: cluster.OnTheMachine("timedatectl"),
			})
		}
	}
	if future := names(metrics, metricFuture); len(future) > 0 {
		found = append(found, Finding{
			Level: Warning,
			What:  "the last backup or restore test found backups that are named in the future: " + strings.Join(future, ", "),
			Why: "the clock was ahead when they were made, so their names are wrong. The newest backup is still the one that was made " +
				"last, and these are deleted once there are enough newer ones",
			Fix: cluster.OnTheMachine("timedatectl"),
		})
	}
	return orOK(found, passed("no backup is named in the future")), nil
}
