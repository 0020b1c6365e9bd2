<?php
declare( strict_types=1 );

/** The volume for backups. Its folders are backups; names that begin with ".part-" are unfinished. */
class BackupVolume {
	/** What an import builds and then restores. */
	public const IMPORTED = '.part-imported';

	public function __construct( public readonly string $root = '/backups' ) {
	}

	/**
	 * Waits until no other program uses the volume, and locks it until the returned file is closed. Deletes what killed programs
	 * have left.
	 *
	 * @return resource
	 */
	public function lock() {
		$lock = @fopen( "$this->root/.lock", 'c' );
		if ( !$lock ) {
			throw new PermanentFailure( Console::lastError() );
		}
		if ( !flock( $lock, LOCK_EX | LOCK_NB ) ) {
			Console::say( 'waiting for another backup, drill or restore to end' );
			flock( $lock, LOCK_EX );
		}
		foreach ( glob( "$this->root/.part-*" ) as $left ) {
			Console::say( 'deleting ' . basename( $left ) . ', which is unfinished' );
			Disk::deleteTree( $left );
		}
		return $lock;
	}

	/** @return Archive[] scheduled and requested backups, newest first. The oldest of these are deleted when there are enough. */
	public function all(): array {
		return $this->matching( '[0-9]*T[0-9]*Z' );
	}

	/**
	 * Returns the backups whose names match a pattern. A folder without a readable manifest is left alone.
	 *
	 * @return Archive[] newest first
	 */
	public function matching( string $pattern ): array {
		$found = [];
		foreach ( glob( "$this->root/$pattern", GLOB_ONLYDIR ) as $path ) {
			try {
				$found[] = Archive::open( $path );
			} catch ( PermanentFailure $e ) {
				Console::say( "left alone: {$e->getMessage()}" );
			}
		}
		usort( $found, static fn ( $a, $b ) => Archive::age( $b->number(), $b->name() ) <=> Archive::age( $a->number(), $a->name() ) );
		return $found;
	}

	/** Tells whether there is a folder with this name. */
	public function has( string $name ): bool {
		return $name !== '' && is_dir( "$this->root/" . basename( $name ) );
	}

	/** Opens the backup with a name; with an empty name, the newest one. */
	public function named( string $name ): Archive {
		$all = $this->all();
		if ( $name === '' && $all ) {
			return $all[0];
		}
		if ( !$this->has( $name ) ) {
			$names = array_map( 'basename', glob( "$this->root/*", GLOB_ONLYDIR ) );
			throw new PermanentFailure( "there is no backup $name; there are: " . ( implode( ', ', $names ) ?: 'none' ) );
		}
		return Archive::open( "$this->root/" . basename( $name ) );
	}

	/** Makes a backup of a complete folder, see Archive::seal(). */
	public function seal( string $folder, string $name, array $facts ): Archive {
		$last = $this->matching( '*' )[0] ?? null;
		return Archive::seal( $folder, "$this->root/$name", 1 + ( $last ? $last->number() : 0 ), $facts );
	}

	/** Returns a free name for a backup that is made now. After the clock was set back, the time itself may be taken. */
	public function freeName( string $prefix = '' ): string {
		$time = time();
		while ( is_dir( "$this->root/$prefix" . Archive::nameFor( $time ) ) ) {
			$time++;
		}
		return $prefix . Archive::nameFor( $time );
	}

	/** Notes for `wiki doctor` which backups have names in the future: the clock was wrong when they were made, or is wrong now. */
	public function noteFutureNames( Notes $notes ): void {
		$future = array_filter( $this->matching( '*' ), static fn ( $archive ) => $archive->isFromTheFuture() );
		$names = implode( ' ', array_map( static fn ( $archive ) => $archive->name(), $future ) );
		$notes->set( 'future', $names );
		if ( $names !== '' ) {
			Console::say( "named in the future, because the clock was wrong then or is wrong now: $names" );
		}
	}
}
