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

// images checks whether the wiki's images are on the nodes. [pods] finds why an image cannot be pulled.
func images(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var missing, pulled []string
	for i := range list.Items {
		for _, status := range list.Items[i].Status.ContainerStatuses {
			list := &pulled
			if status.ImageID == "" {
				list = &missing
			}
			if !slices.Contains(*list, status.Image) {
				*list = append(*list, status.Image)
			}
		}
	}
	missing = slices.DeleteFunc(missing, func(image string) bool { return slices.Contains(pulled, image) })
	slices.Sort(pulled)
	if len(missing) > 0 {
		return []Finding{{
			Level: Warning, What: "not on the nodes yet: " + strings.Join(missing, ", "),
			Why: "an image is being pulled, which takes ten minutes on a Raspberry Pi; if it cannot be pulled, Pods says why",
			Fix: e.kubectl("get events --field-selector type=Warning"),
		}}, nil
	}
	return passed("on the nodes: %s", strings.Join(pulled, ", ")), nil
}

// wikiVersions checks whether the series and releases that run are still maintained.
func wikiVersions(ctx context.Context, e *Environment) ([]Finding, error) {
	templates, err := e.templates(ctx)
	if err != nil {
		return nil, err
	}
	running := map[string]versions.Image{} // by the image's name
	for i := range templates {
		for _, container := range slices.Concat(templates[i].Spec.InitContainers, templates[i].Spec.Containers) {
			if image, ok := versions.ImageOf(container.Name); ok {
				running[container.Image] = image
			}
		}
	}
	var found []Finding
	described := make([]string, 0, len(running))
	for _, name := range slices.Sorted(maps.Keys(running)) {
		text, problem := maintenance(running[name], name, e.Now)
		described = append(described, text)
		found = append(found, problem...)
	}
	return orOK(found, passed("%s", strings.Join(described, ", "))), nil
}

// templates returns the templates of Pods that run permanently or on a schedule.
func (e *Environment) templates(ctx context.Context) ([]corev1.PodTemplateSpec, error) {
	deployments, err := e.Client.AppsV1().Deployments(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	sets, err := e.Client.AppsV1().StatefulSets(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	crons, err := e.Client.BatchV1().CronJobs(e.Namespace).List(ctx, metav1.ListOptions{})
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

// maintenance returns how long an image is maintained, and a finding if that is too short.
func maintenance(product versions.Image, image string, now time.Time) (string, []Finding) {
	current, offered := versions.Of(image), versions.Of(product.Default)
	if current == nil {
		return fmt.Sprintf("%s of %s, whose tag contains no version", product.Product, image), nil
	}
	text := product.Product + " " + versions.Name(current)
	if distribution := versions.Distribution(image); distribution != "" {
		return text + ", maintained with the packages of " + distribution, nil
	}
	upgrade := "pulumi config set --path " + product.Key + " " + product.Default + " && pulumi preview --diff"
	next := upgrade
	if versions.Series(current).AtLeast(versions.Series(offered)) {
		next = "git pull     (a later release of this program uses a later series)"
	}
	warn := func(what, why, fix string) (string, []Finding) {
		return text, []Finding{{Level: Warning, What: what, Why: why, Fix: fix}}
	}
	const unfixed = "bugs in it, including security holes, are no longer fixed"
	end, known := product.End(current)
	switch {
	case !known && versions.Series(current).LessThan(versions.Series(offered)):
		return warn(text+" is not maintained", unfixed, next)
	case !known:
		text += ", which is newer than this program's tables"
	case end.IsZero():
		text += ", whose end of life is not announced"
	case now.After(end.AddDate(0, 0, 1)):
		return warn(fmt.Sprintf("%s reached its end of life on %s", text, end.Format(time.DateOnly)), unfixed, next)
	case end.Sub(now) < 3*soon:
		return warn(fmt.Sprintf("%s reaches its end of life on %s", text, end.Format(time.DateOnly)), "after that, "+unfixed, next)
	default:
		text += ", maintained until " + end.Format(time.DateOnly)
	}
	release := strings.Count(current.String(), ".") == 2 && current.Patch() > 0
	if release && versions.Series(current).EqualTo(versions.Series(offered)) && current.LessThan(offered) {
		return warn(fmt.Sprintf("%s %s runs, and %s is available", product.Product, current, offered),
			"a release within a series fixes bugs, including security holes", upgrade)
	}
	return text, nil
}
