<?php
// Makes a wiki that ran elsewhere this one: a tar on standard input has its dump, "database", compressed by gzip, and its uploads in the
// folder "uploads". They become a backup like any other, which is restored.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/namespaces.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/editing.php';
require __DIR__ . '/archive.php';
require __DIR__ . '/take.php';
require __DIR__ . '/caches.php';
require __DIR__ . '/restoring.php';
require __DIR__ . '/adopting.php';

run( 'The import failed: ', static function (): void {
	$wiki = new Wiki();
	$held = Archive::hold();
	$database = patientlyConnected();
	lock( $database );
	$notes = new Notes( $database );
	$notes->make();
	$tools = new Tools();
	$restore = new Restore( $wiki, $database, $notes, $tools );
	if ( $restore->hasContent() ) {
		throw new Refusal( 'this wiki is not empty: import into a stack of its own' );
	}
	$archive = adopt( $wiki, $tools, 'imported-' . gmdate( 'Ymd\THis\Z' ) );
	holds( $database );
	$restore->check( $archive );
	try {
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		throw new Refusal( $e->getMessage() . ( $restore->interrupted()
			? "\nThe wiki cannot be used until an import or a restore ends well: mend this and run it again." : '' ) );
	}
	say( "imported $archive" );
	$archive->delete(); // whoever imports has it
} );

/** Makes a backup of what is on standard input. */
function adopt( Wiki $wiki, Tools $tools, string $name ): Archive {
	$given = Archive::ROOT . '/.part-given';
	$part = Archive::ROOT . '/.part-backup';
	deleteTree( $given );
	deleteTree( $part );
	try {
		if ( !mkdir( "$given/uploads", recursive: true ) || !mkdir( "$part/uploads", recursive: true ) ) {
			throw new Refusal( lastError() );
		}
		say( 'receiving' );
		$tar = proc_open( [ 'tar', '-x', '--no-same-owner', '--no-same-permissions', '-C', $given ], [ STDIN, STDOUT, STDOUT ], $pipes );
		if ( proc_close( $tar ) !== 0 || !is_file( "$given/database" ) ) {
			throw new Refusal( 'not all of it has arrived' );
		}
		( new Adoption( $wiki, $tools ) )->run( "$given/database", "$part/database.sql.zst" );
		return Archive::seal( $part, $name, [
			'wiki' => bin2hex( random_bytes( 8 ) ), 'schema' => $wiki->schema(), 'mediawiki' => $wiki->version, 'mariadb' => '',
			'database' => [ 'bytes' => filesize( "$part/database.sql.zst" ) ], 'rows' => Tools::rows( "$part/database.sql.zst.rows" ),
			'uploads' => copyUploads( "$given/uploads", $part, null ),
		] );
	} catch ( Throwable $e ) {
		deleteTree( $part );
		throw $e;
	} finally {
		deleteTree( $given );
	}
}
