// Command bench measures the default stack beside the article's recipe: both on one node, with the same pages and the same load, in turn.
// It deploys both on the cluster that $KUBECONFIG names, and leaves their removal to whoever made the cluster: type make bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

const usage = `Measures the default stack beside the recipe and prints what it measured. Usage: make bench ARGS="[FLAGS]"

`

// options are how long and how often is measured.
type options struct {
	rounds  int
	each    time.Duration // how long one load lasts
	deploy  int           // how many wikis are deployed at once
	results string        // file that results are kept in
	report  string        // file that they are shown in, and its picture beside it
}

func main() {
	var o options
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage); flag.PrintDefaults() }
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of which the median counts")
	flag.DurationVar(&o.each, "each", 5*time.Second, "how long each load lasts in each round")
	flag.IntVar(&o.deploy, "deploy", 0, "how many wikis of one program to deploy at once, on more nodes; for twenty that takes minutes")
	flag.StringVar(&o.results, "results", "docs/benchmarks.json", "file to compare with, and to write")
	flag.StringVar(&o.report, "report", "docs/benchmarks.md", "file whose table to write, with a picture beside it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	before, err := readResults(o.results)
	if err != nil {
		return err
	}
	b := &bench{options: o}
	for _, measure := range []func(context.Context) error{
		b.emptyCluster, b.firstUp, b.idle, b.writePages, b.reading, b.reloading, b.saving, b.writing, b.memory, b.objects, b.stampede, b.scraper,
		b.rollout, b.commands,
	} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	now := &results{Machine: machine(ctx), Rounds: o.rounds, Measures: b.measures}
	for _, line := range now.moved(before) {
		fmt.Println("moved:", line)
	}
	if err := now.write(o.results); err != nil {
		return err
	}
	return now.report(o.report)
}

// bench is two sites, and what was measured of them.
type bench struct {
	*options
	recipe, ours *site
	measures     []measure
	changes      measure // what is written to the API server when nobody reads
}

// progress tells what is being done: all of it takes half an hour.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: %s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}

// series is what several rounds gave.
func series(rounds []float64) spread {
	sorted := slices.Sorted(slices.Values(rounds))
	return spread{Median: sorted[len(sorted)/2], Least: sorted[0], Most: sorted[len(sorted)-1]}
}
