package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// spread summarizes the rounds of one measurement.
type spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// measure is one row of the table.
type measure struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	More    bool    `json:"moreIsBetter"`
	Recipe  *spread `json:"recipe,omitempty"`
	Ours    *spread `json:"default,omitempty"`
	Floor   *spread `json:"floor,omitempty"`
	FloorIs string  `json:"floorIs,omitempty"`
	Run     string  `json:"run"` // date, commit and machine
	Rounds  int     `json:"rounds"`

	recipe, ours []float64
}

// results has all measurements.
type results struct {
	Measures []measure `json:"measures"`
}

// with returns the results with some measures replaced. A new measure is inserted after the one that was measured before it.
func (r *results) with(measures []measure) *results {
	all := slices.Clone(r.Measures)
	next := len(all)
	for _, m := range measures {
		if i := slices.IndexFunc(all, func(old measure) bool { return old.Name == m.Name }); i >= 0 {
			all[i], next = m, i+1
			continue
		}
		all = slices.Insert(all, next, m)
		next++
	}
	return &results{Measures: all}
}

// add completes a measurement.
func (b *bench) add(m *measure) {
	if len(m.recipe) > 0 {
		s := series(m.recipe)
		m.Recipe = &s
	}
	if len(m.ours) > 0 {
		s := series(m.ours)
		m.Ours = &s
	}
	m.Run, m.Rounds = b.run, b.rounds
	b.measures = append(b.measures, *m)
	progress("%s", strings.Join(m.row(), "; "))
}

// single adds a measurement of the default stack that was made once.
func (b *bench) single(name, unit string, value float64) {
	b.add(&measure{Name: name, Unit: unit, ours: []float64{value}})
}

func readResults(file string) (*results, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &results{}, nil
	}
	if err != nil {
		return nil, err
	}
	r := &results{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

func (r *results) write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// changed returns the measures of the default stack whose median is outside the previous range and differs by more than a tenth.
func (r *results) changed(before *results) []string {
	old := map[string]*spread{}
	for _, m := range before.Measures {
		old[m.Name] = m.Ours
	}
	var lines []string
	for _, m := range r.Measures {
		was, now := old[m.Name], m.Ours
		if was == nil || now == nil || (now.Median >= was.Least && now.Median <= was.Most) {
			continue
		}
		change := now.Median/was.Median - 1
		if change < 0.1 && change > -0.1 {
			continue
		}
		word := "worse"
		if (change > 0) == m.More {
			word = "better"
		}
		lines = append(lines, fmt.Sprintf("%s: %s instead of %s %s, %s", m.Name, number(now.Median), number(was.Median), m.Unit, word))
	}
	return lines
}

// machine describes the date, the commit and the processor.
func machine(ctx context.Context) string {
	commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	processor := "an unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name\t: "); ok {
			processor, _, _ = strings.Cut(rest, "\n")
		}
	}
	return fmt.Sprintf("%s, commit %s, %d cores of %s, %s/%s", time.Now().UTC().Format(time.DateOnly),
		strings.TrimSpace(string(commit)), runtime.NumCPU(), processor, runtime.GOOS, runtime.GOARCH)
}

// number formats a value with three digits.
func number(value float64) string {
	switch size := math.Abs(value); {
	case size >= 100 || size == 0:
		return fmt.Sprintf("%.0f", value)
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.2f", value)
	}
}
