package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// refuse returns an error for a pulumi command after which the next command would not find this stack, its secrets or its state: a stack
// lives in a folder that is named after it, with the only copy of its secrets.
func (s *stack) refuse(command []string) error {
	words := slices.DeleteFunc(slices.Clone(command), func(word string) bool { return strings.HasPrefix(word, "-") })
	words = append(words, "", "")
	has := func(flags ...string) bool {
		return slices.ContainsFunc(command, func(word string) bool {
			flag, _, _ := strings.Cut(word, "=")
			return slices.Contains(flags, flag)
		})
	}
	switch {
	case has("-s", "--stack", "-C", "--cwd"):
		return fmt.Errorf("the stack is %s, and pulumi runs in %s: omit --stack and --cwd, and name another stack as in "+
			"mediawiki-stack STACK %s", s.name, s.folder, words[0])
	case words[0] == "login" || words[0] == "logout":
		return fmt.Errorf("the state of stack %s is in %s, wherever pulumi is logged in", s.name, s.state())
	case words[0] == "destroy" && has("--remove", "--rm"):
		return fmt.Errorf("--remove would delete the only copy of the secrets of stack %s, without which its data cannot be used again: "+
			"type mediawiki-stack %s destroy", s.name, s.name)
	case words[0] != "stack":
		return nil
	}
	switch words[1] {
	case "rename":
		return fmt.Errorf("the folder, the secrets and the namespace of stack %s have its name, and the next command would create a "+
			"new stack with other secrets: for another stack, type cp %s Pulumi.OTHER.yaml && mediawiki-stack OTHER up",
			s.name, stackFile(s.name))
	case "init", "select", "new":
		return errors.New("each Pulumi.STACK.yaml of the checkout is a stack, which the first command creates: " +
			"type mediawiki-stack STACK up")
	case "change-secrets-provider":
		return fmt.Errorf("the secrets of stack %s are encrypted with the passphrase in its folder, and could not be read with another one",
			s.name)
	case "rm":
		if !has("--preserve-config") {
			return fmt.Errorf("it would delete the only copy of the secrets of stack %s: to delete what is in the cluster, type "+
				"mediawiki-stack %s destroy; to forget what was in a cluster that is lost, add --preserve-config; to delete the cluster "+
				"with all of its stacks, type make destroy", s.name, s.name)
		}
	}
	return nil
}

// maxConfig is the size from which a stack's configuration is refused, in bytes. Pulumi passes it to the program in one environment
// variable, for which Linux has 128 KiB. The defaults of Pulumi.yaml need the rest.
const maxConfig = 120 << 10

// checkSize refuses a configuration with which the program could not be started. Secrets are counted as they are encrypted.
func (c *stackConfig) checkSize() error {
	sizes, largest, total := map[string]int{}, "", 0
	for key, value := range c.Config {
		text, plain := value.(string)
		if !plain {
			encoded, err := json.Marshal(value)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			text = string(encoded)
		}
		encoded, err := json.Marshal(text) // as Pulumi writes it into the variable
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		sizes[key] = len(encoded)
		if total += len(key) + len(encoded); sizes[key] > sizes[largest] {
			largest = key
		}
	}
	if total <= maxConfig {
		return nil
	}
	return fmt.Errorf("the stack's settings have %d kB, of which %s has %d kB, and Linux passes at most %d kB to the program: for more "+
		"PHP than that, build an image that contains it as a file, and load the file by require in extraSettings",
		total/1000, largest, sizes[largest]/1000, maxConfig/1000)
}
