<?php
// Makes a backup, deletes the oldest backups, and copies the new one to the repository.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

$keep = max( 1, (int)getenv( 'BACKUPS_KEPT' ) );
$volume = new BackupVolume();
Console::run( 'Backup failed; existing backups are unchanged: ', static function () use ( $keep, $volume, &$lock, &$backup ): void {
	$lock = $volume->lock();
	$database = DatabaseWait::connect( 60 );
	MigrationLock::acquire( $database ); // no table changes during the dump
	$backup = ( new BackupWriter( $database, $volume ) )->createBackup();
	$notes = new Notes( $database );
	$notes->set( 'backup', $backup->manifest['at'] );
	$volume->noteFutureNames( $notes );
	Console::say( "backup $backup" );
	foreach ( array_slice( $backup->ofTheSameWiki( $volume->all() ), $keep ) as $old ) {
		if ( $old->name() !== $backup->name() ) {
			$old->delete();
			Console::say( "deleted {$old->name()}" );
		}
	}
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
