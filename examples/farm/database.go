package main

import (
	"strings"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// database is a wiki's database in the server, with its two accounts: one reads and writes rows, and the other may change the schema,
// which only migrations, backups and restores do.
type database struct {
	name                     string
	user, schemaUser         string
	password, schemaPassword pulumi.StringOutput
}

// statements creates a database with its accounts, or changes their passwords. In GRANT, an underscore that is not escaped stands for any
// character, so it would admit the account to databases of other wikis. The limits leave connections to the others, however busy a wiki is.
const statements = "CREATE DATABASE IF NOT EXISTS %[1]s;\n" +
	"CREATE USER IF NOT EXISTS %[3]s;\n" +
	"ALTER USER %[3]s IDENTIFIED BY '%[4]s' WITH MAX_USER_CONNECTIONS 30;\n" +
	"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES ON `%[2]s`.* TO %[3]s;\n" +
	"CREATE USER IF NOT EXISTS %[5]s;\n" +
	"ALTER USER %[5]s IDENTIFIED BY '%[6]s' WITH MAX_USER_CONNECTIONS 10;\n" +
	"GRANT ALL PRIVILEGES ON `%[2]s`.* TO %[5]s;\n"

// sql returns the statements for the database.
func (db *database) sql() pulumi.StringOutput {
	return pulumi.Sprintf(statements,
		db.name, strings.ReplaceAll(db.name, "_", `\_`), db.user, db.password, db.schemaUser, db.schemaPassword)
}

// add creates a wiki's database and accounts, and lets the Pods of the wiki's namespace connect to the server. It returns the server's
// address, which is known when this is done. When the wiki is removed, the database and its accounts remain, but no Pod reaches them.
func (s *server) add(ctx *pulumi.Context, wiki, namespace string, db *database) (pulumi.StringOutput, error) {
	policy, err := networkingv1.NewNetworkPolicy(ctx, wiki+"-database", &networkingv1.NetworkPolicyArgs{
		Metadata: s.metadata(),
		Spec: &networkingv1.NetworkPolicySpecArgs{
			PodSelector: serverPods,
			PolicyTypes: pulumi.ToStringArray([]string{"Ingress"}),
			Ingress: networkingv1.NetworkPolicyIngressRuleArray{networkingv1.NetworkPolicyIngressRuleArgs{
				From: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{
					// Each namespace has its name as a label. The wiki's own policies let only Pods with MediaWiki connect to a database.
					NamespaceSelector: labelled("kubernetes.io/metadata.name", namespace),
				}},
				Ports: port(),
			}},
		},
	}, s.provider)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	job, err := s.run(ctx, wiki, db)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// The address itself, so that no request waits for DNS. It remains the same as long as the Service exists.
	return pulumi.All(s.address, policy.ID(), job.ID()).ApplyT(func(all []any) string {
		return all[0].(string)
	}).(pulumi.StringOutput), nil
}

// run runs a database's statements as root of the server. A Job is immutable, and a Secret with other content has another name: changed
// statements are run by a new Job.
func (s *server) run(ctx *pulumi.Context, wiki string, db *database) (*batchv1.Job, error) {
	secret, err := corev1.NewSecret(ctx, wiki+"-database", &corev1.SecretArgs{
		Metadata:   s.metadata(),
		StringData: pulumi.StringMap{"database.sql": db.sql(), "root-password": s.rootPassword},
	}, s.provider)
	if err != nil {
		return nil, err
	}
	const command = `export MYSQL_PWD=$(cat /secrets/root-password)
		exec mariadb --host="$0" --user=root --connect-timeout=30 </secrets/database.sql`
	client := &corev1.ContainerArgs{
		Name:         pulumi.String("client"),
		Image:        pulumi.String(image),
		Command:      pulumi.StringArray{pulumi.String("sh"), pulumi.String("-c"), pulumi.String(command), s.address},
		VolumeMounts: corev1.VolumeMountArray{mount("secrets", "/secrets", "")},
		Resources:    resources("20m", "32Mi", "128Mi", "64Mi"),
	}
	spec := &corev1.PodSpecArgs{
		RestartPolicy: pulumi.String("Never"), Volumes: corev1.VolumeArray{secretVolume("secrets", secret)},
	}
	return batchv1.NewJob(ctx, wiki+"-database", &batchv1.JobArgs{
		Metadata: s.metadata(), Spec: &batchv1.JobSpecArgs{Template: podTemplate("client", spec, client)},
	}, s.provider, s.first)
}
