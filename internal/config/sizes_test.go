package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

func TestSizesThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		values map[string]string
		key    string
		says   string
	}{
		"more replicas than the machine holds": {
			map[string]string{"profile": "pi-2g", "replicas": "3"},
			"memory", "fewer replicas",
		},
		"more workers than the machine holds": {
			map[string]string{"profile": "pi-4g", "web": `{"workers":8}`},
			"memory", "fix:  pulumi config rm --path web.workers     (or, on a machine with more memory: pulumi config set memory ",
		},
		"no replicas at all":                 {map[string]string{"replicas": "0"}, "replicas", "pulumi destroy stops the wiki"},
		"less memory than the profile takes": {map[string]string{"memory": "1000"}, "memory", "pulumi config set memory"},
		"more replicas than connections":     {map[string]string{"replicas": "17"}, "database.connections", "17 replicas"},
		"more Pods at most than connections": {
			map[string]string{"autoscaling": `{"max":17}`}, "database.connections", "17 replicas",
		},
		"more Pods at most than the machine holds": {
			map[string]string{"profile": "pi-2g", "autoscaling": `{"max":4}`}, "memory", "pulumi config rm --path autoscaling.max",
		},
		"more Pods at least than at most": {
			map[string]string{"replicas": "3", "autoscaling": `{"max":2}`}, "autoscaling.max", "pulumi config set --path autoscaling.max 6",
		},
		"fewer Pods at least than none": {
			map[string]string{"autoscaling": `{"min":-1,"max":2}`}, "autoscaling.min", "1 to 500 Pods",
		},
		"fewest Pods where their number is fixed": {map[string]string{"autoscaling": `{"min":1}`}, "autoscaling.min", "no effect"},
		"Pods that may use nothing": {
			map[string]string{"autoscaling": `{"max":4,"cpu":0}`}, "autoscaling.cpu", "pulumi config set --path autoscaling.cpu 500",
		},
		"fewer connections than workers": {
			map[string]string{"database": `{"connections":20}`},
			"database.connections", "pulumi config set",
		},
		"more connections than MariaDB takes": {
			map[string]string{"replicas": "500", "web": `{"workers":64}`},
			"replicas", "at most 77 Pods",
		},
		"more memory than there is": {
			map[string]string{"replicas": "500", "web": `{"requestMemory":4096,"workers":10}`, "memory": "1000000"},
			"replicas", "a wiki may use 4194304 MiB",
		},
		"a profile that is none":             {map[string]string{"profile": "pi-1g"}, "profile", "pi-2g"},
		"storage that is none":               {map[string]string{"storage": "fast"}, "storage", "gentle"},
		"one worker, which the kubelet asks": {map[string]string{"web": `{"workers":1}`}, "web.workers", "2 to 64"},
		"a request without memory":           {map[string]string{"web": `{"requestMemory":8}`}, "web.requestMemory", "64 to"},
		"no room for compiled PHP":           {map[string]string{"web": `{"opcache":8}`}, "web.opcache", "48 to"},
		"no room for what a Pod remembers":   {map[string]string{"web": `{"apcu":-1}`}, "web.apcu", "4 to"},
		"caches of nothing":                  {map[string]string{"cache": `{"size":1}`}, "cache.size", "16 to"},
		"an object cache of nothing":         {map[string]string{"objectCache": `{"size":1}`}, "objectCache.size", "8 to"},
		"more caches than edits can tell":    {map[string]string{"cache": `{"replicas":9}`}, "cache.replicas", "1 to 8"},
		"a sidecar of a size": {
			map[string]string{"database": `{"mode":"sidecar"}`, "profile": "pi-2g"},
			"profile", "no effect",
		},
		"buffers of a database that is not ours": {
			map[string]string{"database": `{"bufferPool":64,"mode":"external","host":"db"}`, "databasePassword": "p4ssword"},
			"database.bufferPool", "no effect",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(c.values)
			r.Secret["mediawiki:databasePassword"] = true
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
			var problems *config.Problems
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems.List, 1, err)
			assert.Equal(t, c.key, problems.List[0].Key)
			require.ErrorContains(t, err, c.says)
			adviceIsAccepted(t, r)
		})
	}
}

func TestEachProfileHasRoomForMonitoring(t *testing.T) {
	for profile := range sizes.Profiles {
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{"profile": profile, "monitoring": `{"enabled":true}`}))
		require.NoError(t, err, profile)
	}
}
