<?php
// Metrics of this Pod, and of the object cache and the database, which all Pods of a wiki report alike.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';
require '/etc/mediawiki-stack/RequestMetrics.php';

$begun = microtime( true );
$version = Image::version();
$revision = (string)getenv( 'MEDIAWIKI_REVISION' );
$out = new Exposition();
PodMetrics::add( $out, $version, $revision );
ObjectCacheMetrics::add( $out, Settings::read()['objectCache'] );
$out->gauge( 'mediawiki_read_only', 'Whether the wiki accepts no edits, as during an upgrade.',
	is_file( Image::readOnlyFile( $version ) ) ? 1 : 0 );
$out->gauge( 'mediawiki_uploads_free_bytes', 'Free space on the volume for uploads.',
	(int)disk_free_space( Image::ROOT . '/images' ) );
$certificate = openssl_x509_parse( (string)@file_get_contents( '/etc/mediawiki-certificate/tls.crt' ) );
if ( $certificate ) {
	$out->gauge( 'mediawiki_certificate_expiry_timestamp_seconds', "Time when the wiki's certificate expires.",
		$certificate['validTo_time_t'] );
}
try {
	( new DatabaseMetrics( Database::connect(), $out ) )->add( $revision );
	$up = 1;
} catch ( mysqli_sql_exception $e ) {
	error_log( "metrics: {$e->getMessage()}" );
	$up = 0;
}
ReplicaMetrics::add( $out, (string)getenv( 'DATABASE_REPLICA' ) );
$out->gauge( 'mediawiki_database_up', 'Whether the database answers.', $up );
$out->gauge( 'mediawiki_metrics_duration_seconds', 'Time to collect these metrics.', round( microtime( true ) - $begun, 6 ) );
header( 'Content-Type: ' . Exposition::TYPE );
echo $out->text();
