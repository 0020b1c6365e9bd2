package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Stack is a stack of this program, as its pulumi knows it.
type Stack struct {
	Command  []string // that runs its pulumi
	NodePort int32    // that it asks for; 0 if any will do
	Deployed bool

	kubeconfig, context, namespace string
}

// askStack asks pulumi what a stack sets, and what it has deployed.
func askStack(ctx context.Context, command []string) (*Stack, error) {
	s := &Stack{Command: command}
	var settings map[string]struct{ Value string }
	if err := s.pulumi(ctx, &settings, "config", "--json"); err != nil {
		return nil, err
	}
	for key, setting := range settings {
		_, key, _ = strings.Cut(key, ":")
		switch key {
		case "kubeconfig":
			s.kubeconfig = setting.Value
		case "context":
			s.context = setting.Value
		case "nodePort":
			port, err := strconv.ParseInt(setting.Value, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("nodePort: %w", err)
			}
			s.NodePort = int32(port)
		}
	}
	var outputs struct{ Namespace string }
	if err := s.pulumi(ctx, &outputs, "stack", "output", "--json"); err != nil {
		return nil, err
	}
	s.namespace, s.Deployed = outputs.Namespace, outputs.Namespace != ""
	return s, nil
}

// fill takes from the stack what was not asked for otherwise.
func (s *Stack) fill(o Options) Options {
	o.Context = cmp.Or(o.Context, s.context)
	o.Kubeconfig = cmp.Or(o.Kubeconfig, s.kubeconfig)
	o.Namespace = cmp.Or(o.Namespace, s.namespace)
	return o
}

// pulumi runs a command that prints JSON, and reads it.
func (s *Stack) pulumi(ctx context.Context, into any, args ...string) error {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, s.Command[0], append(slices.Clone(s.Command[1:]), args...)...)
	command.Stdout, command.Stderr = &stdout, &stderr
	failed := command.Run()
	err := json.Unmarshal(stdout.Bytes(), into)
	if failed == nil && err == nil {
		return nil
	}
	if said := lines(stderr.String()); failed != nil && len(said) > 0 {
		failed = errors.New(strings.Join(said, "; "))
	}
	return fmt.Errorf("%s %s: %w", strings.Join(s.Command, " "), args[0], cmp.Or(failed, err))
}

// preview is what pulumi preview --json prints, the part that is of interest here.
type preview struct {
	Steps []struct {
		Op       string
		URN      string
		NewState struct{ Type string }
		OldState struct{ Type string }
	}
	Diagnostics   []struct{ Message, Severity string }
	ChangeSummary map[string]int
}

// drift compares what the stack wants with what there is, as pulumi preview --refresh does; nothing is changed.
func drift(ctx context.Context, p *Patient) ([]Finding, error) {
	var is preview
	err := p.Stack.pulumi(ctx, &is, "preview", "--refresh", "--json", "--non-interactive")
	show := strings.Join(p.Stack.Command, " ")
	for _, d := range is.Diagnostics {
		if d.Severity == "error" {
			return []Finding{{
				Level: Failure, What: "pulumi preview fails", Details: lines(d.Message),
				Why: "pulumi up would fail in the same way, and change nothing", Type: show + " preview",
			}}, nil
		}
	}
	if err != nil {
		return nil, err
	}
	changes := make([]string, 0, len(is.Steps))
	for _, step := range is.Steps {
		if step.Op != "same" && step.Op != "refresh" && step.Op != "read" {
			_, name, _ := strings.Cut(step.URN, "::")
			parts := strings.Split(name, "::")
			changes = append(changes, step.Op+" "+parts[len(parts)-1])
		}
	}
	switch {
	case len(changes) == 0:
		return fine("there is what it wants: pulumi up would change nothing"), nil
	case !p.Stack.Deployed:
		return fine("is not deployed yet; pulumi up would make %s", counted(len(changes), "object")), nil
	}
	return []Finding{{
		Level: Warning, What: fmt.Sprintf("there is not what it wants: pulumi up would change %s", counted(len(changes), "object")),
		Details: changes, Why: "settings were changed and not deployed, or somebody has changed objects by hand",
		Type: show + " preview --refresh --diff     (and " + show + " up --refresh)",
	}}, nil
}
