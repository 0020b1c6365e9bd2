package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// memory measures what each stack's containers hold when nobody reads: their working sets, as the kubelet has them.
func (b *bench) memory(ctx context.Context) error {
	say("memory")
	return b.inTurn(&measure{Name: "Memory of all containers", Unit: "MiB"}, func(s *site) (float64, error) { return s.WorkingSet(ctx) })
}

// objects counts the Kubernetes objects of each stack.
func (b *bench) objects(ctx context.Context) error {
	m := measure{Name: "Objects in the stack", Unit: "objects"}
	for _, s := range []*site{b.recipe, b.ours} {
		text, err := pulumi(ctx, s.stack, "stack", "export")
		if err != nil {
			return err
		}
		b.round(&m, s, float64(strings.Count(string(text), `"type": "kubernetes:`)))
	}
	b.add(&m)
	return nil
}

// commands measures `pulumi preview` and `pulumi up` where nothing is to be done, beside a program that has nothing at all.
func (b *bench) commands(ctx context.Context) error {
	say("pulumi")
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	empty, err := emptyProject(ctx, folder)
	if err != nil {
		return err
	}
	for _, command := range [][]string{{"preview"}, {"up", "--yes", "--skip-preview"}} {
		m := measure{Name: "pulumi " + command[0] + ", nothing to do", Unit: "s", FloorIs: "an empty program"}
		var floor []float64
		for range b.rounds {
			for _, s := range []*site{b.ours} {
				began := time.Now()
				if _, err := pulumi(ctx, s.stack, command...); err != nil {
					return err
				}
				b.round(&m, s, time.Since(began).Seconds())
			}
			began := time.Now()
			if err := empty(command...); err != nil {
				return err
			}
			floor = append(floor, time.Since(began).Seconds())
		}
		s := series(floor)
		m.Floor = &s
		b.add(&m)
	}
	return nil
}

// emptyProject makes a project of a program with the same provider and no resource, and returns what runs pulumi in it.
func emptyProject(ctx context.Context, folder string) (func(args ...string) error, error) {
	execute := func(program string, args ...string) error {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = append(os.Environ(), "PULUMI_BACKEND_URL=file://"+folder, "PULUMI_CONFIG_PASSPHRASE=empty", "PULUMI_STACK=empty")
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, text)
		}
		return nil
	}
	run := func(args ...string) error { return execute("pulumi", append([]string{"-C", folder}, args...)...) }
	binary := filepath.Join(folder, "empty")
	project := fmt.Sprintf("name: empty\nruntime: {name: go, options: {binary: %s}}\n", binary)
	if err := os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), []byte(project), 0o600); err != nil {
		return nil, err
	}
	if err := execute("go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "./tests/bench/empty"); err != nil {
		return nil, err
	}
	if err := run("stack", "init", "empty"); err != nil {
		return nil, err
	}
	return run, run("up", "--yes", "--skip-preview")
}
