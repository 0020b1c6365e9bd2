<?php
// Waits until the migration has approved this Pod's revision, so that no Pod ever uses a database that is not ready for it. Then
// fetches the files that the migration has made for the revision.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

$revision = (string)getenv( 'MEDIAWIKI_REVISION' );
for ( $last = ''; ; sleep( 1 ) ) {
	try {
		$notes = new Notes( Database::connect() );
		if ( $notes->isApproved( $revision ) ) {
			RevisionFiles::fetch( $notes, $revision );
			exit( 0 );
		}
		$reason = "the migration has not approved revision $revision yet";
	} catch ( mysqli_sql_exception $e ) {
		$reason = $e->getMessage();
	}
	if ( $reason !== $last ) {
		echo gmdate( 'H:i:s' ), " waiting: $reason\n";
		$last = $reason;
	}
}
