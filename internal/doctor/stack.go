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

	"github.com/dustin/go-humanize/english"
)

// Stack is a stack of this program.
type Stack struct {
	Command  []string // runs pulumi for the stack
	NodePort int32    // from its configuration; 0 if Kubernetes chooses
	Deployed bool

	kubeconfig, context, namespace string
	largest                        string // the key with the largest value
}

// loadStack reads the configuration and the outputs of a stack.
func loadStack(ctx context.Context, command []string) (*Stack, error) {
	s := &Stack{Command: command}
	var settings map[string]struct{ Value string }
	if err := s.pulumi(ctx, &settings, "config", "--json"); err != nil {
		return nil, err
	}
	size := 0
	for key, setting := range settings {
		if len(setting.Value) > size {
			size, s.largest = len(setting.Value), key
		}
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

// complete fills in the options that are empty.
func (s *Stack) complete(o Options) Options {
	o.Context = cmp.Or(o.Context, s.context)
	o.Kubeconfig = cmp.Or(o.Kubeconfig, s.kubeconfig)
	o.Namespace = cmp.Or(o.Namespace, s.namespace)
	return o
}

// pulumi runs a command that prints JSON, and decodes the output.
func (s *Stack) pulumi(ctx context.Context, output any, args ...string) error {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, s.Command[0], append(slices.Clone(s.Command[1:]), args...)...)
	command.Stdout, command.Stderr = &stdout, &stderr
	failed := command.Run()
	err := json.Unmarshal(stdout.Bytes(), output)
	if failed == nil && err == nil {
		return nil
	}
	if messages := lines(stderr.String()); failed != nil && len(messages) > 0 {
		failed = errors.New(strings.Join(messages, "; "))
	}
	return fmt.Errorf("%s %s: %w", strings.Join(s.Command, " "), args[0], cmp.Or(failed, err))
}

// preview has the fields of the output of pulumi preview --json that are used here.
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

// drift compares the cluster with the stack. It runs pulumi preview --refresh, which changes nothing.
func drift(ctx context.Context, e *Environment) ([]Finding, error) {
	var result preview
	err := e.Stack.pulumi(ctx, &result, "preview", "--refresh", "--json", "--non-interactive")
	command := strings.Join(e.Stack.Command, " ")
	for _, d := range result.Diagnostics {
		if d.Severity == "error" {
			return []Finding{e.explainPreview(command, d.Message)}, nil
		}
	}
	if err != nil && strings.Contains(err.Error(), tooLong) {
		return []Finding{e.explainPreview(command, err.Error())}, nil
	}
	if err != nil {
		return nil, err
	}
	changes := make([]string, 0, len(result.Steps))
	for _, step := range result.Steps {
		if step.Op != "same" && step.Op != "refresh" && step.Op != "read" {
			_, name, _ := strings.Cut(step.URN, "::")
			parts := strings.Split(name, "::")
			changes = append(changes, step.Op+" "+parts[len(parts)-1])
		}
	}
	switch {
	case len(changes) == 0:
		return passed("the cluster matches the stack: pulumi up would change nothing"), nil
	case !e.Stack.Deployed:
		return passed("is not deployed yet; pulumi up would create %s", english.Plural(len(changes), "object", "")), nil
	}
	return []Finding{{
		Level:   Warning,
		What:    fmt.Sprintf("the cluster differs from the stack: pulumi up would change %s", english.Plural(len(changes), "object", "")),
		Details: changes, Why: "settings were changed but not deployed, or somebody has changed objects by hand",
		Fix: command + " preview --refresh --diff     (then " + command + " up --refresh)",
	}}, nil
}

// tooLong is the error of Linux when a program is started with an environment variable of more than 128 KiB. All settings are in one.
const tooLong = "argument list too long"

// explainPreview says why a preview fails.
func (e *Environment) explainPreview(command, message string) Finding {
	finding := Finding{
		Level: Failure, What: "pulumi preview fails", Details: lines(message),
		Why: "pulumi up would fail in the same way and change nothing", Fix: command + " preview",
	}
	if strings.Contains(message, tooLong) {
		finding.What = "the stack's settings are too large for Linux to pass them to the program"
		if e.Stack.largest != "" {
			finding.What += "; the largest is " + e.Stack.largest
		}
		finding.Why = "pulumi up fails: all settings of a stack together may take 120 kB"
		finding.Fix = "put the PHP into a file in an image of your own, and load that file in extraSettings with require"
	}
	return finding
}
