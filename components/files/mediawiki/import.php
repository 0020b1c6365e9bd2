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
	$archive = adopt( $wiki, $tools, $notes->get( 'wiki' ) ?? bin2hex( random_bytes( 8 ) ) );
	try {
		holds( $database );
		$restore->check( $archive );
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		throw new Refusal( $e->getMessage() . ( $restore->interrupted()
			? "\nThe wiki is closed until an import or a restore ends well: fix this and run the import again." : '' ) );
	} finally {
		$archive->delete(); // whoever imports has it
	}
	say( "imported $archive" );
	$missing = missingUploads( $database );
	if ( $missing ) {
		say( count( $missing ) . ' files that pages can show are not among the uploads: ' . implode( ', ', array_slice( $missing, 0, 10 ) ) );
	}
} );

/**
 * Makes a backup of what is on standard input.
 *
 * @param string $identity whose backup it will be: this wiki's, so that its backups and copies before and after are of one wiki
 */
function adopt( Wiki $wiki, Tools $tools, string $identity ): Archive {
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
		$status = proc_close( $tar );
		// A tar without an end is a good one to tar. The last that is sent says how much was.
		$sent = json_decode( (string)@file_get_contents( "$given/sent.json" ), true );
		if ( $status !== 0 || !$sent || @filesize( "$given/database" ) !== $sent['database'] ) {
			throw new Refusal( 'not all of it has arrived, and nothing was changed: whoever sent it says why' );
		}
		( new Adoption( $wiki, $tools ) )->run( "$given/database", "$part/database.sql.zst" );
		$uploads = copyUploads( "$given/uploads", $part, null );
		if ( $uploads !== [ 'files' => $sent['files'], 'bytes' => $sent['bytes'] ] ) {
			throw new Refusal( 'not all of it has arrived, and nothing was changed: ' . json_encode( $uploads ) . ' of ' . json_encode( $sent ) );
		}
		return Archive::seal( $part, Archive::IMPORTED, [
			'wiki' => $identity, 'schema' => $wiki->schema(), 'mediawiki' => $wiki->version, 'mariadb' => '',
			'database' => [ 'bytes' => filesize( "$part/database.sql.zst" ) ], 'rows' => Tools::rows( "$part/database.sql.zst.rows" ),
			'uploads' => $uploads,
		] );
	} catch ( Throwable $e ) {
		deleteTree( $part );
		throw $e;
	} finally {
		deleteTree( $given );
	}
}

/** @return string[] names of files that the database has, as MediaWiki writes them, and that are not where it looks for them */
function missingUploads( mysqli $database ): array {
	$missing = [];
	foreach ( $database->query( 'SELECT img_name FROM image' ) as [ 'img_name' => $name ] ) {
		$hash = md5( $name );
		if ( !is_file( UPLOADS . "/$hash[0]/" . substr( $hash, 0, 2 ) . "/$name" ) ) {
			$missing[] = $name;
		}
	}
	return $missing;
}
