package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mediawiki-stack/components"
	"mediawiki-stack/internal/versions"
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

// product is a program with series, each of which is maintained for some time.
type product struct {
	name, key, offered string // the image that this program has for it
	ends               map[string]string
}

// wikiVersions looks at whether somebody still mends what runs.
func wikiVersions(ctx context.Context, p *Patient) ([]Finding, error) {
	mediawiki := product{"MediaWiki", "images.mediawiki", components.DefaultMediaWikiImage, components.MediaWikiEnds}
	mariadb := product{"MariaDB", "images.mariadb", components.DefaultMariaDBImage, components.MariaDBEnds}
	var found []Finding
	var described []string
	look := func(of product, containers []corev1.Container) {
		for _, container := range containers {
			if container.Name == strings.ToLower(of.name) {
				said, finding := of.behind(container.Image, p.Now)
				described = append(described, said)
				found = append(found, finding...)
			}
		}
	}
	deployment, err := p.web(ctx)
	if err != nil {
		return nil, err
	}
	if deployment != nil {
		look(mediawiki, deployment.Spec.Template.Spec.Containers)
		look(mariadb, deployment.Spec.Template.Spec.Containers) // the recipe's
	}
	set, err := p.Client.AppsV1().StatefulSets(p.Namespace).Get(ctx, p.Name+"-db", metav1.GetOptions{})
	if err == nil {
		look(mariadb, set.Spec.Template.Spec.Containers)
	} else if !apierrors.IsNotFound(err) {
		return nil, err
	}
	return worst(found, fine("%s", strings.Join(described, ", "))), nil
}

// behind says how an image stands to its series, and what is wrong with that.
func (of product) behind(image string, now time.Time) (string, []Finding) {
	is, offered := versions.Of(image), versions.Of(of.offered)
	if is == nil {
		return fmt.Sprintf("%s of %s, which says no version", of.name, image), nil
	}
	series := versions.Name(is)
	said := of.name + " " + series
	upgrade := "pulumi config set --path " + of.key + " " + of.offered + " && pulumi preview --diff"
	next := upgrade
	if versions.Series(is).AtLeast(versions.Series(offered)) {
		next = "git pull     (a later release of this program has a later series)"
	}
	if text, known := of.ends[series]; known {
		end, err := time.Parse(time.DateOnly, text)
		if err != nil || now.After(end) {
			return said, []Finding{{
				Level: Warning, What: fmt.Sprintf("%s %s ended on %s", of.name, series, text),
				Why: "what is found in it is mended no more", Type: next,
			}}
		}
		said += ", maintained until " + text
		if end.Sub(now) < 3*soon {
			return said, []Finding{{
				Level: Warning, What: fmt.Sprintf("%s %s ends on %s", of.name, series, text),
				Why: "then what is found in it is mended no more", Type: next,
			}}
		}
	}
	release := strings.Count(is.String(), ".") == 2 && is.Patch() > 0
	if release && versions.Series(is).EqualTo(versions.Series(offered)) && is.LessThan(offered) {
		return said, []Finding{{
			Level: Warning, What: fmt.Sprintf("%s %s runs, and %s is out", of.name, is, offered),
			Why: "releases within a series mend what was found, holes among it", Type: upgrade,
		}}
	}
	return said, nil
}
