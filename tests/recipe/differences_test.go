package recipe

// setByServer lists fields that the API server or a controller sets in every object. They are not part of a manifest.
var setByServer = struct{ deployment, service []string }{
	deployment: []string{
		"metadata.creationTimestamp",
		"metadata.generation",
		"metadata.managedFields",
		"metadata.resourceVersion",
		"metadata.uid",
		`metadata.annotations["deployment.kubernetes.io/revision"]`,
		"status",
	},
	service: []string{
		"metadata.creationTimestamp",
		"metadata.managedFields",
		"metadata.resourceVersion",
		"metadata.uid",
		"spec.clusterIP",
		"spec.clusterIPs",
		"spec.ports[0].nodePort",
		"status",
	},
}

// identity returns the differences that every object of the stack has.
func identity(articlesName, ourName string) []difference {
	return []difference{
		{
			"metadata.name", `"` + articlesName + `"`, `"` + ourName + `-[0-9a-f]{8}"`,
			"Pulumi ends the name with eight random digits, so that a replacement can be created before the old object is deleted",
		},
		{
			`metadata.annotations["pulumi.com/autonamed"]`, absent, `"true"`,
			"the provider marks the name as generated",
		},
		{
			`metadata.annotations["pulumi.com/patchForce"]`, absent, `"true"`,
			"an update reverts what was changed by hand",
		},
		{
			`metadata.labels["mediawiki-stack/stack"]`, absent, `"stack-[0-9a-f]{10}"`,
			"keeps other stacks from taking over the object",
		},
		{
			"metadata.namespace", `"ARTICLE"`, `"mediawiki-recipe"`,
			"each stack has a namespace of its own; the article uses the current one",
		},
	}
}

var deploymentDifferences = append(identity("mediawiki-app", "mediawiki-app"),
	difference{
		"spec.template.spec.containers[0].image", `"mediawiki"`, `"localhost/mediawiki:1\.43-debian13"`,
		"a version is pinned; on the embedded cluster it is that of the local stand-in",
	},
	difference{
		"spec.template.spec.containers[0].imagePullPolicy", `"Always"`, `"IfNotPresent"`,
		"Kubernetes' default: `Always` without a version, `IfNotPresent` with one",
	},
	difference{
		"spec.template.spec.containers[1].image", `"mariadb"`, `"localhost/mariadb:11\.8-debian13"`,
		"a version is pinned; on the embedded cluster it is that of the local stand-in",
	},
	difference{
		"spec.template.spec.containers[1].imagePullPolicy", `"Always"`, `"IfNotPresent"`,
		"Kubernetes' default: `Always` without a version, `IfNotPresent` with one",
	},
	difference{
		"spec.template.spec.containers[1].env[1].value", `"wikiuser"`, absent,
		"the user comes from the Secret",
	},
	difference{
		"spec.template.spec.containers[1].env[1].valueFrom.secretKeyRef.name", absent, `"mediawiki-db-[0-9a-f]{8}"`,
		"the Secret the user comes from",
	},
	difference{
		"spec.template.spec.containers[1].env[1].valueFrom.secretKeyRef.key", absent, `"user"`,
		"the key of the user in it",
	},
	difference{
		"spec.template.spec.containers[1].env[2].value", `"example"`, absent,
		"the password comes from the Secret, and is not publicly known",
	},
	difference{
		"spec.template.spec.containers[1].env[2].valueFrom.secretKeyRef.name", absent, `"mediawiki-db-[0-9a-f]{8}"`,
		"the Secret the password comes from",
	},
	difference{
		"spec.template.spec.containers[1].env[2].valueFrom.secretKeyRef.key", absent, `"password"`,
		"the key of the password in it",
	},
)

var serviceDifferences = identity("mediawiki-srv", "mediawiki-srv")
