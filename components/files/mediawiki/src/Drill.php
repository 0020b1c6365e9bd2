<?php
declare( strict_types=1 );

/** Proves that backups can be restored: compares every byte with the checksums, loads the dump into a temporary database, and counts. */
class Drill {
	/** @var string[] why backups cannot be restored */
	private array $damaged = [];

	public function __construct( private readonly BackupVolume $volume, private readonly DatabaseTools $tools ) {
	}

	/** Proves the backup with this name; with an empty name, the newest that is not damaged. Returns null if there is none. */
	public function prove( string $name ): ?Archive {
		foreach ( $name === '' ? $this->volume->all() : [ $this->volume->named( $name ) ] as $archive ) {
			try {
				$this->proveOne( $archive );
				return $archive;
			} catch ( DamagedBackup $e ) {
				Console::say( "passed over: {$e->getMessage()}" );
				$this->damaged[] = $e->getMessage();
			}
		}
		return null;
	}

	/** Returns why no backup was proven. */
	public function reasons(): string {
		return implode( '; ', $this->damaged ?: $this->volume->damaged() ) ?: 'there is no backup yet';
	}

	/** @throws PermanentFailure if a backup that is newer than the proven one is damaged */
	public function checkNewest( Archive $proven ): void {
		$newer = $this->volume->damagedSince( $proven->number(), $proven->name() );
		if ( $newer ) {
			throw new PermanentFailure( implode( '; ', $newer ) . ". The newest backup that can be restored is {$proven->name()}, which "
				. 'was proven now. Make a new backup (wiki backup) and run the drill again' );
		}
	}

	private function proveOne( Archive $archive ): void {
		Console::say( "proving $archive" );
		$archive->check();
		$found = $this->tools->prove( "$archive->path/" . Archive::DUMP );
		foreach ( $archive->manifest['rows'] + $found as $table => $_ ) {
			[ $had, $has ] = [ $archive->manifest['rows'][$table] ?? 'no', $found[$table] ?? 'no' ];
			if ( $had !== $has ) {
				throw new PermanentFailure( "{$archive->name()}: table $table has $has rows after loading the dump, and had $had" );
			}
		}
		if ( @file_put_contents( "$archive->path/proven", gmdate( 'c' ) . "\n" ) === false ) {
			throw new PermanentFailure( Console::lastError() );
		}
		Console::say( "proven: {$archive->name()}, " . count( $found ) . ' tables with ' . array_sum( $found ) . ' rows' );
	}
}
