// Command bench compares the default stack with the article's recipe: on one node, with the same pages and the same load, in turn. It
// deploys both on the cluster in $KUBECONFIG and leaves their removal to the caller: use `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

const usage = `Compares the default stack with the recipe and prints the measurements. Usage: make bench ARGS="[FLAGS]"

`

// options are the command's flags.
type options struct {
	rounds  int
	each    time.Duration // duration of one load
	deploy  int           // number of wikis to deploy at once
	only    string        // names of the sections to measure, separated by commas; empty: all
	results string        // file with results
	report  string        // file with the table of results, next to the chart
}

func main() {
	var o options
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage); flag.PrintDefaults() }
	flag.IntVar(&o.rounds, "rounds", 5, "number of rounds; the result is the median")
	flag.DurationVar(&o.each, "each", 5*time.Second, "duration of each load in each round")
	flag.IntVar(&o.deploy, "deploy", 0, "number of wikis of one program to deploy at once, on additional nodes; twenty take minutes")
	flag.StringVar(&o.only, "section", "", "measure only these, and keep the other rows: "+strings.Join(sectionNames(), ","))
	flag.StringVar(&o.results, "results", "docs/benchmarks.json", "file to compare with and to write")
	flag.StringVar(&o.report, "report", "docs/benchmarks.md", "file in which to write the table, with a chart next to it")
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
	b := &bench{options: o, run: machine(ctx)}
	if err := b.measure(ctx); err != nil {
		return err
	}
	now := &results{Measures: b.measures}
	for _, line := range now.changed(before) {
		fmt.Println("changed:", line)
	}
	if o.only != "" {
		now = before.with(b.measures)
	}
	if err := now.write(o.results); err != nil {
		return err
	}
	return now.report(o.report)
}

// bench has both sites and their measurements.
type bench struct {
	*options
	run          string // date, commit and machine
	recipe, ours *site
	measures     []measure
	changes      measure // changes in the API server without readers
}

// progress prints what is being measured. All measurements together take half an hour.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: %s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}

// series summarizes the values of several rounds.
func series(rounds []float64) spread {
	sorted := slices.Sorted(slices.Values(rounds))
	return spread{Median: sorted[len(sorted)/2], Least: sorted[0], Most: sorted[len(sorted)-1]}
}
