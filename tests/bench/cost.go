package main

import (
	"context"
	"strings"
)

// memory measures the working sets of each stack's containers without readers.
func (b *bench) memory(ctx context.Context) error {
	progress("memory")
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
