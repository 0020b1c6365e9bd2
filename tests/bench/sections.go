package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// section is a part of the measurements that can be made alone, on two wikis with the same pages.
type section struct {
	name    string
	measure func(b *bench, ctx context.Context) error
}

// install is the name of the section that measures how both wikis are installed. The other sections need only installed wikis.
const install = "install"

var sections = []section{
	{"pages", (*bench).pages},
	{"lists", (*bench).lists},
	{"users", (*bench).users},
	{"browser", (*bench).browsing},
	{"rollout", (*bench).reloading},
	{"saves", (*bench).saving},
	{"disk", (*bench).writing},
	{"memory", (*bench).memory},
	{"objects", (*bench).objects},
	{"stampede", (*bench).stampede},
	{"scraper", (*bench).scraper},
	{"readers", (*bench).rollout},
	{"commands", (*bench).commands},
}

func sectionNames() []string {
	names := make([]string, 0, 1+len(sections))
	names = append(names, install)
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

// measure measures the chosen sections.
func (b *bench) measure(ctx context.Context) error {
	names := sectionNames()
	if b.only != "" {
		chosen := strings.Split(b.only, ",")
		for _, name := range chosen {
			if !slices.Contains(names, name) {
				return fmt.Errorf("no section %q: there are %s", name, strings.Join(names, ", "))
			}
		}
		names = chosen
	}
	deploy := []func(context.Context) error{b.deployBoth}
	if slices.Contains(names, install) {
		deploy = []func(context.Context) error{b.emptyCluster, b.firstUp, b.idle}
	}
	for _, do := range append(deploy, b.writePages) {
		if err := do(ctx); err != nil {
			return err
		}
	}
	for _, s := range sections {
		if !slices.Contains(names, s.name) {
			continue
		}
		if err := s.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// deployBoth deploys both wikis and measures nothing.
func (b *bench) deployBoth(ctx context.Context) (err error) {
	if b.recipe, err = deployRecipe(ctx); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	b.ours, err = deployOurs(ctx)
	return err
}
