package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// commands measures pulumi's commands, compared with an empty program and with one that has many wikis.
func (b *bench) commands(ctx context.Context) error {
	progress("pulumi")
	address, err := url.Parse(b.ours.address)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p := &project{folder, address.Hostname()}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	if err := b.unchanged(ctx, p); err != nil {
		return err
	}
	return b.many(ctx, p)
}

// update and remove skip the preview, which is measured separately.
var (
	update = []string{"up", "--yes", "--skip-preview"}
	remove = []string{"destroy", "--yes", "--skip-preview"}
)

// unchanged measures `pulumi preview` and `pulumi up` without changes.
func (b *bench) unchanged(ctx context.Context, empty *project) error {
	for _, command := range [][]string{{"preview"}, update} {
		m := measure{Name: "pulumi " + command[0] + ", nothing to do", Unit: "s", FloorIs: "an empty program"}
		var floor []float64
		for range b.rounds {
			began := time.Now()
			if _, err := pulumi(ctx, b.ours.stack, command...); err != nil {
				return err
			}
			b.round(&m, b.ours, time.Since(began).Seconds())
			took, _, err := empty.run(ctx, 0, command...)
			if err != nil {
				return err
			}
			floor = append(floor, took.Seconds())
		}
		s := series(floor)
		m.Floor = &s
		b.add(&m)
	}
	return nil
}

// many measures previews of one program with 1, 5 and 20 wikis. With flag -deploy, it also deploys several at once.
func (b *bench) many(ctx context.Context, p *project) error {
	progress("many wikis in one program")
	for _, wikis := range []int{1, 5, 20} {
		var took, memory []float64
		for range b.rounds {
			once, largest, err := p.run(ctx, wikis, "preview")
			if err != nil {
				return err
			}
			took, memory = append(took, once.Seconds()), append(memory, largest)
		}
		b.add(&measure{Name: fmt.Sprintf("pulumi preview of %d new wikis", wikis), Unit: "s", ours: took})
		b.add(&measure{Name: fmt.Sprintf("pulumi preview of %d new wikis, largest process", wikis), Unit: "MiB", ours: memory})
	}
	if b.deploy == 0 {
		return nil
	}
	if err := grow(ctx, 1+(b.deploy+perNode-1)/perNode); err != nil {
		return err
	}
	took, _, err := p.run(ctx, b.deploy, update...)
	if err != nil {
		return err
	}
	text, err := p.output(ctx, "stack", "output", "--json")
	if err != nil {
		return err
	}
	var addresses map[string]string
	if err := json.Unmarshal(text, &addresses); err != nil {
		return err
	}
	for name, address := range addresses {
		if _, _, err := b.ours.fetch(ctx, address+"/wiki/Main_Page", ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	b.single(fmt.Sprintf("pulumi up of %d new wikis at once", len(addresses)), "s", took.Seconds())
	_, _, err = p.run(ctx, b.deploy, remove...)
	return err
}

// perNode is the number of wikis whose CPU requests fit on a node with two cores.
const perNode = 5

// grow adds nodes to the cluster, all on this machine.
func grow(ctx context.Context, nodes int) error {
	progress("a cluster of %d nodes", nodes)
	images, err := exec.CommandContext(ctx, "local/images/build").Output()
	if err != nil {
		return fmt.Errorf("local/images/build: %w", err)
	}
	up := exec.CommandContext(ctx, "cluster", "up", "--name", os.Getenv("CLUSTER"),
		"--nodes", strconv.Itoa(nodes), "--images", strings.TrimSpace(string(images)))
	if text, err := up.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", up, err, text)
	}
	return nil
}

// project is a Pulumi project of tests/bench/program with its own backend.
type project struct{ folder, host string }

// prepare compiles the program and creates the provider.
func (p *project) prepare(ctx context.Context) error {
	binary := filepath.Join(p.folder, "program")
	yaml := fmt.Sprintf("name: bench\nruntime: {name: go, options: {binary: %s}}\n", binary)
	if err := os.WriteFile(filepath.Join(p.folder, "Pulumi.yaml"), []byte(yaml), 0o600); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "./tests/bench/program")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("tests/bench/program: %w\n%s", err, text)
	}
	if _, err := p.output(ctx, "stack", "init", "bench"); err != nil {
		return err
	}
	_, _, err := p.run(ctx, 0, update...)
	return err
}

// run runs a pulumi command with this number of wikis. It returns how long it took and the memory of its largest process in MiB.
func (p *project) run(ctx context.Context, wikis int, args ...string) (time.Duration, float64, error) {
	cmd := p.command(ctx, args...)
	cmd.Env = append(cmd.Env, "WIKIS="+strconv.Itoa(wikis))
	began := time.Now()
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("pulumi %s of %d wikis: %w\n%s", strings.Join(args, " "), wikis, err, text)
	}
	took := time.Since(began)
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage) // the maximum of the process and its children
	return took, float64(usage.Maxrss) / 1024, nil
}

func (p *project) output(ctx context.Context, args ...string) ([]byte, error) {
	text, err := p.command(ctx, args...).Output()
	if err != nil {
		return nil, fmt.Errorf("pulumi %s: %w", strings.Join(args, " "), err)
	}
	return text, nil
}

func (p *project) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "pulumi", append([]string{"-C", p.folder}, args...)...)
	cmd.Env = append(os.Environ(), "PULUMI_BACKEND_URL=file://"+p.folder+"?metadata=skip", "PULUMI_CONFIG_PASSPHRASE=bench",
		"PULUMI_STACK=bench", "NODE_HOST="+p.host)
	return cmd
}
