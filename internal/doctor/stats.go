package doctor

import (
	"context"
	"encoding/json"
	"fmt"
)

// summary is what a kubelet knows of its node, the part that is of interest here.
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

// The whole summary, and the part that has no file systems, which not every kubelet finds.
const wholeSummary, memorySummary = "", "?only_cpu_and_memory=true"

func (p *Patient) summary(ctx context.Context, node, part string) (*summary, error) {
	path := "/api/v1/nodes/" + node + "/proxy/stats/summary" + part
	answer, err := p.Get(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("the kubelet of %s: %w", node, err)
	}
	read := &summary{}
	if err := json.Unmarshal(answer, read); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return read, nil
}

// countsMemory tells whether the memory of any container is known. If there is none, nobody can tell.
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

// full says how full a file system is, if it is nearly full.
func full(what string, f filesystem, advice string) []Finding {
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
		What:  fmt.Sprintf("%s is %d%% full: %s of %s are left", what, 100-left, binary(f.AvailableBytes), binary(f.CapacityBytes)),
		Why:   "on a full disk MariaDB stops, nothing is uploaded, and no backup is made",
		Type:  advice,
	}}
}
