// Package admission explains how to fix a namespace that does not admit a Pod, and a Pod that does not disappear. Quotas, limit ranges and
// webhooks answer only with text.
package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// defaults are suggestions for a LimitRange, for containers that do not specify a resource, by the name of the resource in a quota.
var defaults = map[string]struct{ kind, value string }{
	"limits.cpu":                 {"default", `"cpu":"2"`},
	"limits.memory":              {"default", `"memory":"1Gi"`},
	"limits.ephemeral-storage":   {"default", `"ephemeral-storage":"4Gi"`},
	"requests.cpu":               {"defaultRequest", `"cpu":"100m"`},
	"requests.memory":            {"defaultRequest", `"memory":"256Mi"`},
	"requests.ephemeral-storage": {"defaultRequest", `"ephemeral-storage":"100Mi"`},
}

// Fix returns the command that fixes a namespace that has refused a Pod with this message.
func Fix(namespace, message string) string {
	look := fmt.Sprintf("kubectl describe quota,limitrange --namespace %s", namespace)
	_, unspecified, found := strings.Cut(message, "must specify ")
	switch {
	case found:
		return specify(namespace, unspecified, look)
	case strings.Contains(message, "exceeded quota"), strings.Contains(message, "per Container is"),
		strings.Contains(message, "per Pod is"):
		return look + "     (their owner can raise them)\npulumi config set profile pi-2g     (for a smaller wiki)"
	case strings.Contains(message, "per PersistentVolumeClaim is"):
		return look + "     (their owner can raise them)\npulumi config set --path uploads.size 1Gi     (database.size, backups.size)"
	case strings.Contains(message, "PodSecurity"):
		return "kubectl label namespace " + namespace + " --overwrite pod-security.kubernetes.io/enforce=restricted" +
			"     (the strictest level that the wiki complies with; the recipe needs baseline)"
	case strings.Contains(message, "webhook"):
		return "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations     (its owner knows what it requires)"
	}
	return look
}

// specify returns the command that creates a LimitRange with defaults for containers that do not specify these resources. Other containers
// do not change.
func specify(namespace, unspecified, otherwise string) string {
	of := map[string][]string{}
	for _, resource := range slices.Sorted(maps.Keys(defaults)) {
		if d := defaults[resource]; strings.Contains(unspecified, resource) {
			of[d.kind] = append(of[d.kind], d.value)
		}
	}
	if len(of) == 0 {
		return otherwise
	}
	limits := []string{`"type":"Container"`}
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		limits = append(limits, fmt.Sprintf(`"%s":{%s}`, kind, strings.Join(of[kind], ",")))
	}
	return fmt.Sprintf(`kubectl apply --namespace %s -f - <<<'{"apiVersion":"v1","kind":"LimitRange",`+
		`"metadata":{"name":"mediawiki-stack"},"spec":{"limits":[{%s}]}}'`, namespace, strings.Join(limits, ","))
}
