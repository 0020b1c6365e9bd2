<?php
// Metrics for Prometheus that no Kubernetes object has: https://prometheus.io/docs/instrumenting/exposition_formats/
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

$metrics = [
	'backup' => [ 'mediawiki_backup_timestamp_seconds', 'Time of the newest backup.' ],
	'proven' => [ 'mediawiki_backup_proven_timestamp_seconds', 'Time of the newest backup that a drill has restored.' ],
];
try {
	$sql = 'SELECT name, value FROM ' . Notes::TABLE . " WHERE name IN ('backup', 'proven', 'future', 'damaged')";
	$notes = Database::connect()->query( $sql )->fetch_all();
} catch ( mysqli_sql_exception $e ) {
	http_response_code( 503 );
	exit( "# {$e->getMessage()}\n" );
}
header( 'Content-Type: text/plain; version=0.0.4' );
$notes = array_column( $notes, 1, 0 );
foreach ( array_intersect_key( $metrics, $notes ) as $note => [ $metric, $help ] ) {
	printf( "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", $metric, $help, $metric, $metric, strtotime( $notes[$note] ) );
}
$lists = [
	'future' => [ 'mediawiki_backup_in_the_future', 'Backups with names in the future, as the last backup or drill found them.' ],
	'damaged' => [ 'mediawiki_backup_damaged', 'Backups that cannot be restored, as far as the last backup or drill knew.' ],
];
foreach ( $lists as $note => [ $metric, $help ] ) {
	printf( "# HELP %s %s\n# TYPE %s gauge\n", $metric, $help, $metric );
	foreach ( array_filter( explode( ' ', $notes[$note] ?? '' ) ) as $name ) {
		printf( "%s{name=\"%s\"} 1\n", $metric, $name );
	}
}
