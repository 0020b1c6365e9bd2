package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// images looks at whether those of the wiki are on its nodes and run there. What keeps one from it is for [pods] to say.
func images(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var missing, here []string
	for i := range list.Items {
		for _, status := range list.Items[i].Status.ContainerStatuses {
			into := &here
			if status.ImageID == "" {
				into = &missing
			}
			if !slices.Contains(*into, status.Image) {
				*into = append(*into, status.Image)
			}
		}
	}
	missing = slices.DeleteFunc(missing, func(image string) bool { return slices.Contains(here, image) })
	slices.Sort(here)
	if len(missing) > 0 {
		return []Finding{{
			Level: Warning, What: "not on the nodes yet: " + strings.Join(missing, ", "),
			Why:  "it is being pulled, which takes a Raspberry Pi ten minutes; or it cannot be had, then Pods says why",
			Type: p.kubectl("get events --field-selector type=Warning"),
		}}, nil
	}
	return fine("on the nodes, for their architecture: %s", strings.Join(here, ", ")), nil
}

// wikiVersions looks at whether the series and releases that run are still maintained.
func wikiVersions(ctx context.Context, p *Patient) ([]Finding, error) {
	templates, err := p.templates(ctx)
	if err != nil {
		return nil, err
	}
	running := map[string]versions.Image{} // by the image's name
	for i := range templates {
		for _, container := range slices.Concat(templates[i].Spec.InitContainers, templates[i].Spec.Containers) {
			if image, ours := versions.ImageOf(container.Name); ours {
				running[container.Image] = image
			}
		}
	}
	var found []Finding
	described := make([]string, 0, len(running))
	for _, name := range slices.Sorted(maps.Keys(running)) {
		said, finding := maintenance(running[name], name, p.Now)
		described = append(described, said)
		found = append(found, finding...)
	}
	return worst(found, fine("%s", strings.Join(described, ", "))), nil
}

// templates returns those of the Pods that run all the time or on a schedule.
func (p *Patient) templates(ctx context.Context) ([]corev1.PodTemplateSpec, error) {
	deployments, err := p.Client.AppsV1().Deployments(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	sets, err := p.Client.AppsV1().StatefulSets(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	crons, err := p.Client.BatchV1().CronJobs(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var all []corev1.PodTemplateSpec
	for i := range deployments.Items {
		all = append(all, deployments.Items[i].Spec.Template)
	}
	for i := range sets.Items {
		all = append(all, sets.Items[i].Spec.Template)
	}
	for i := range crons.Items {
		all = append(all, crons.Items[i].Spec.JobTemplate.Spec.Template)
	}
	return all, nil
}

// maintenance says how long an image is maintained, and what is wrong with that.
func maintenance(of versions.Image, image string, now time.Time) (string, []Finding) {
	is, offered := versions.Of(image), versions.Of(of.Default)
	if is == nil {
		return fmt.Sprintf("%s of %s, which says no version", of.Product, image), nil
	}
	said := of.Product + " " + versions.Name(is)
	if distribution := versions.Distribution(image); distribution != "" {
		return said + ", maintained with the packages of " + distribution, nil
	}
	upgrade := "pulumi config set --path " + of.Key + " " + of.Default + " && pulumi preview --diff"
	next := upgrade
	if versions.Series(is).AtLeast(versions.Series(offered)) {
		next = "git pull     (a later release of this program has a later series)"
	}
	warn := func(what, why, fix string) (string, []Finding) {
		return said, []Finding{{Level: Warning, What: what, Why: why, Type: fix}}
	}
	const unfixed = "faults found in it, security holes among them, are no longer fixed"
	end, known := of.End(is)
	switch {
	case !known && versions.Series(is).LessThan(versions.Series(offered)):
		return warn(said+" is not maintained", unfixed, next)
	case !known:
		said += ", which is newer than the tables of this program"
	case end.IsZero():
		said += ", whose end is not announced"
	case now.After(end.AddDate(0, 0, 1)):
		return warn(fmt.Sprintf("%s ended on %s", said, end.Format(time.DateOnly)), unfixed, next)
	case end.Sub(now) < 3*soon:
		return warn(fmt.Sprintf("%s ends on %s", said, end.Format(time.DateOnly)), "then "+unfixed, next)
	default:
		said += ", maintained until " + end.Format(time.DateOnly)
	}
	release := strings.Count(is.String(), ".") == 2 && is.Patch() > 0
	if release && versions.Series(is).EqualTo(versions.Series(offered)) && is.LessThan(offered) {
		return warn(fmt.Sprintf("%s %s runs, and %s is available", of.Product, is, offered),
			"a release within a series fixes faults, security holes among them", upgrade)
	}
	return said, nil
}
