package kube

// reachScript prints, for each HOST:PORT argument, whether a connection is accepted within five seconds.
const reachScript = `
	foreach (array_slice($argv, 1) as $address) {
		[$host, $port] = explode(':', $address);
		echo $address, @fsockopen($host, (int)$port, $error, $text, 5) ? ' open' : ' shut', "\n";
	}`

// ReachCommand returns a command for a container with PHP that prints a line for each HOST:PORT: whether a connection is accepted within
// five seconds, as in "mediawiki-db:3306 open", or not, as in "mediawiki-db:3306 shut".
func ReachCommand(addresses ...string) []string {
	return append([]string{"php", "-r", reachScript, "--"}, addresses...)
}
