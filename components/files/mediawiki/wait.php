<?php
// Waits until the migration has opened the gate. A Pod of the wiki starts with it, so that none ever serves a database that is not ready,
// and fetches what is to be preloaded and what namespaces are called.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/namespaces.php';

for ( $last = ''; ; sleep( 1 ) ) {
	try {
		$database = connect();
		if ( gateIsOpen( $database ) ) {
			$notes = new Notes( $database );
			Preloading::follow( $notes->get( 'preload:' . getenv( 'MEDIAWIKI_GATE' ) ) );
			Namespaces::follow( $notes, (string)getenv( 'MEDIAWIKI_GATE' ) );
			exit( 0 );
		}
		$reason = 'the migration has not opened the gate ' . getenv( 'MEDIAWIKI_GATE' );
	} catch ( mysqli_sql_exception $e ) {
		$reason = $e->getMessage();
	}
	if ( $reason !== $last ) {
		echo gmdate( 'H:i:s' ), " waiting: $reason\n";
		$last = $reason;
	}
}
