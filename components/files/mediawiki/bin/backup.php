<?php
// Makes a backup, deletes the oldest backups, and copies the new one to the repository.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

$keep = max( 1, (int)getenv( 'BACKUPS_KEPT' ) );
$kept = [];
Console::run( 'Backup failed; existing backups are unchanged: ', static function () use ( $keep, &$kept, &$lock, &$backup ): void {
	$volume = new BackupVolume();
	$lock = $volume->lock();
	$database = DatabaseWait::connect( 60 );
	MigrationLock::acquire( $database ); // no table changes during the dump
	$backup = ( new BackupWriter( $database, $volume ) )->createBackup();
	$notes = new Notes( $database );
	$notes->set( 'backup', $backup->manifest['at'] );
	Console::say( "backup $backup" );
	foreach ( $volume->outdated( $keep, $backup ) as $old ) {
		if ( $old->name() !== $backup->name() ) {
			Console::say( $old->delete() ? "deleted {$old->name()}" : 'failed: ' . ( $kept[] = "cannot delete {$old->name()}" ) );
		}
	}
	$volume->note( $notes );
} );
$repository = Repository::fromEnvironment();
if ( $repository ) {
	$failed = "The backup is good, but copying it to $repository failed: ";
	Console::run( $failed, static function () use ( $repository, $backup, $keep ): void {
		Console::say( "copying it to $repository" );
		$repository->push( $backup, $keep );
		Console::say( 'copied' );
	} );
}
if ( $kept ) {
	Console::fail( 'The backup is good, but the volume will be full one day: ' . implode( ', ', $kept ) . ': ' . Console::lastError() );
}
