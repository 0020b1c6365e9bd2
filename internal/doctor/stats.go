package doctor

import (
	"context"
	"encoding/json"
	"fmt"
)

// summary has the fields of a kubelet's statistics of its node that are used here.
// https://kubernetes.io/docs/reference/instrumentation/node-metrics/
type summary struct {
	Node struct {
		Memory struct {
			AvailableBytes int64 `json:"availableBytes"`
		} `json:"memory"`
		FS      filesystem `json:"fs"`
		Runtime struct {
			ImageFS filesystem `json:"imageFs"`
		} `json:"runtime"`
	} `json:"node"`
	Pods []struct {
		Containers []struct {
			Memory struct {
				WorkingSetBytes *int64 `json:"workingSetBytes"`
			} `json:"memory"`
		} `json:"containers"`
	} `json:"pods"`
}

type filesystem struct {
	AvailableBytes int64 `json:"availableBytes"`
	CapacityBytes  int64 `json:"capacityBytes"`
}

// The whole summary, and the part without file systems, which not every kubelet can measure.
const wholeSummary, memorySummary = "", "?only_cpu_and_memory=true"

func (e *Environment) summary(ctx context.Context, node, part string) (*summary, error) {
	path := "/api/v1/nodes/" + node + "/proxy/stats/summary" + part
	answer, err := e.Get(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("the kubelet of %s: %w", node, err)
	}
	stats := &summary{}
	if err := json.Unmarshal(answer, stats); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return stats, nil
}

// countsMemory reports whether the memory of any container is measured. It is true if there are no containers.
func (s *summary) countsMemory() bool {
	containers := 0
	for _, pod := range s.Pods {
		for _, container := range pod.Containers {
			if container.Memory.WorkingSetBytes != nil {
				return true
			}
			containers++
		}
	}
	return containers == 0
}

// checkSpace returns a finding if a file system is nearly full.
func checkSpace(what string, f filesystem, advice string) []Finding {
	if f.CapacityBytes <= 0 {
		return nil
	}
	left := 100 * f.AvailableBytes / f.CapacityBytes
	if left >= 15 {
		return nil
	}
	level := Warning
	if left < 5 {
		level = Failure
	}
	return []Finding{{
		Level: level,
		What:  fmt.Sprintf("%s is %d%% full: %s of %s are left", what, 100-left, size(f.AvailableBytes), size(f.CapacityBytes)),
		Why:   "if the disk is full, MariaDB stops, and uploads and backups fail",
		Fix:   advice,
	}}
}
