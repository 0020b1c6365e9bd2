<?php
declare( strict_types=1 );

/**
 * The volume for backups. Its folders are backups; names that begin with ".part-" are unfinished. Others can write to the volume, so a
 * backup may be damaged, renamed or not a backup at all.
 */
class BackupVolume {
	/** What an import builds and then restores. */
	public const IMPORTED = '.part-imported';
	/** Names of scheduled and requested backups. */
	private const SCHEDULED = '[0-9]*T[0-9]*Z';

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

	/** @return Archive[] scheduled and requested backups, newest first, with those that are damaged */
	public function all(): array {
		return $this->matching( self::SCHEDULED );
	}

	/**
	 * Returns the backups whose names match a pattern and whose manifests can be read.
	 *
	 * @return Archive[] newest first
	 */
	public function matching( string $pattern ): array {
		$found = [];
		foreach ( glob( "$this->root/$pattern", GLOB_ONLYDIR ) as $path ) {
			try {
				$found[] = Archive::open( $path );
			} catch ( DamagedBackup ) {
				continue; // damaged() names it
			}
		}
		usort( $found, static fn ( $a, $b ) => Archive::age( $b->number(), $b->name() ) <=> Archive::age( $a->number(), $a->name() ) );
		return $found;
	}

	/** @return Archive[] the backups of matching() that have no known damage, newest first */
	public function whole( string $pattern = self::SCHEDULED ): array {
		return array_values( array_filter( $this->matching( $pattern ), static fn ( $archive ) => $archive->damage() === '' ) );
	}

	/**
	 * Returns why backups cannot be restored, as far as this is known without reading all of them. A folder that has neither the name
	 * of a backup nor a manifest is not one.
	 *
	 * @return array<string, string> reasons by name
	 */
	public function damaged( string $pattern = '*' ): array {
		$damaged = [];
		foreach ( glob( "$this->root/$pattern", GLOB_ONLYDIR ) as $path ) {
			try {
				$reason = Archive::open( $path )->damage();
			} catch ( DamagedBackup $e ) {
				$reason = Archive::isName( basename( $path ) ) || file_exists( "$path/manifest.json" ) ? $e->getMessage() : '';
			}
			if ( $reason !== '' ) {
				$damaged[basename( $path )] = $reason;
			}
		}
		return $damaged;
	}

	/**
	 * Returns why scheduled backups that are newer than a backup cannot be restored. Those without a readable manifest have no number
	 * and are compared by name.
	 *
	 * @return array<string, string> reasons by name
	 */
	public function damagedSince( int $number, string $name ): array {
		$numbers = [];
		foreach ( $this->all() as $archive ) {
			$numbers[$archive->name()] = $archive->number();
		}
		$isNewer = static fn ( $other ) => isset( $numbers[$other] )
			? Archive::age( $numbers[$other], $other ) > Archive::age( $number, $name ) : $other > $name;
		return array_filter( $this->damaged( self::SCHEDULED ), $isNewer, ARRAY_FILTER_USE_KEY );
	}

	/** @return Archive[] scheduled backups of the same wiki as $of that are older than its newest $keep without known damage */
	public function outdated( int $keep, Archive $of ): array {
		$good = 0;
		return array_values( array_filter( $of->ofTheSameWiki( $this->all() ), static function ( $archive ) use ( $keep, &$good ) {
			$isOld = $good >= $keep;
			$good += $archive->damage() === '' ? 1 : 0;
			return $isOld;
		} ) );
	}

	/** Tells whether there is a folder with this name. */
	public function has( string $name ): bool {
		return $name !== '' && is_dir( "$this->root/" . basename( $name ) );
	}

	/** Opens the backup with a name. */
	public function named( string $name ): Archive {
		if ( !$this->has( $name ) ) {
			$names = array_map( static fn ( $archive ) => $archive->name(), $this->matching( '*' ) );
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
		while ( file_exists( "$this->root/$prefix" . Archive::nameFor( $time ) ) ) {
			$time++;
		}
		return $prefix . Archive::nameFor( $time );
	}

	/**
	 * Notes for `wiki doctor` which backups are damaged, and which have names in the future: the clock was wrong when they were made,
	 * or is wrong now.
	 */
	public function note( Notes $notes ): void {
		$future = array_filter( $this->matching( '*' ), static fn ( $archive ) => $archive->isFromTheFuture() );
		$names = implode( ' ', array_map( static fn ( $archive ) => $archive->name(), $future ) );
		$notes->set( 'future', $names );
		$notes->set( 'damaged', implode( ' ', array_map( 'rawurlencode', array_map( 'strval', array_keys( $this->damaged() ) ) ) ) );
		if ( $names !== '' ) {
			Console::say( "named in the future, because the clock was wrong then or is wrong now: $names" );
		}
	}
}
