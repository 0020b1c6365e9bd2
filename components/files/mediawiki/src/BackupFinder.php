<?php
declare( strict_types=1 );

/** Finds a backup on the volume or in the repository of copies. */
class BackupFinder {
	public function __construct( private readonly BackupVolume $volume, private readonly ?Repository $repository ) {
	}

	/**
	 * Opens the backup with a name; with an empty name, the newest of all. A backup that is only in the repository, or damaged on the
	 * volume, is copied here first. Every byte is compared with the checksums.
	 */
	public function findWhole( string $name ): Archive {
		try {
			$archive = $this->find( $name );
			Console::say( "checking $archive" );
			$archive->check();
			return $archive;
		} catch ( DamagedBackup $e ) {
			throw new PermanentFailure( "{$e->getMessage()}. Nothing was changed. {$this->instead( $e )}", previous: $e );
		}
	}

	/**
	 * Finds the backup, without reading all of it.
	 *
	 * @throws DamagedBackup also if no name was given and the newest backup is damaged: an older one is never chosen silently
	 */
	public function find( string $name ): Archive {
		$name = basename( $name );
		$isHere = $this->volume->has( $name );
		if ( $isHere && !( $this->repository && $this->isDamaged( $name ) ) || $name !== '' && !$this->repository ) {
			return $this->volume->named( $name );
		}
		$here = array_map( self::facts( ... ), $name === '' ? $this->volume->whole() : $this->volume->matching( '*' ) );
		$copies = $this->copies();
		$chosen = self::choose( $name, $here, $copies );
		if ( $chosen === null && $isHere ) {
			return $this->volume->named( $name );
		}
		if ( $chosen === null ) {
			$names = static fn ( array $all ) => implode( ', ', array_column( $all, 'name' ) ) ?: 'none';
			throw new PermanentFailure( 'there is no backup' . ( $name === '' ? ' that can be restored' : " $name" ) . '; there are: '
				. $names( $here ) . ( $this->repository ? "; at $this->repository: " . $names( $copies ) : '' )
				. implode( array_map( static fn ( $reason ) => "; $reason", $this->volume->damaged() ) ) );
		}
		if ( $name === '' ) {
			$this->checkNewest( $chosen );
		}
		$isCopied = in_array( $chosen['name'], array_column( $copies, 'name' ), true );
		return $isCopied && ( !$this->volume->has( $chosen['name'] ) || $this->isDamaged( $chosen['name'] ) )
			? $this->repository->pull( $chosen['name'], $this->volume ) : $this->volume->named( $chosen['name'] );
	}

	/** Fails if a backup that is newer than the chosen one is damaged: restoring the chosen one would lose later edits. */
	private function checkNewest( array $chosen ): void {
		$newer = $this->volume->damagedSince( $chosen['number'], $chosen['name'] );
		if ( $newer ) {
			throw new DamagedBackup( implode( '; ', $newer ) );
		}
	}

	private function isDamaged( string $name ): bool {
		return isset( $this->volume->damaged()[basename( $name )] );
	}

	/** Says what to restore instead of a damaged backup. */
	private function instead( DamagedBackup $damage ): string {
		$names = array_column( $this->copies(), 'name' );
		foreach ( $names as $name ) {
			if ( str_starts_with( $damage->getMessage(), "$name " ) ) {
				return "A copy of it is at $this->repository: run the same command again to restore the copy";
			}
		}
		$whole = $this->volume->whole() ?: $this->volume->whole( '*' );
		if ( $whole ) {
			$proven = $whole[0]->proven();
			return "The newest backup without known damage is {$whole[0]->name()}" . ( $proven ? ", proven $proven" : ', not proven yet' )
				. ': restore it by its name';
		}
		return $names ? "The newest copy at $this->repository is $names[0]: restore it by its name" : 'There is no other backup';
	}

	/** @return array[] the copies in the repository, newest first; none if there is no repository */
	private function copies(): array {
		return $this->repository ? $this->repository->copies() : [];
	}

	/** @return array{name: string, number: int} */
	private static function facts( Archive $archive ): array {
		return [ 'name' => $archive->name(), 'number' => $archive->number() ];
	}

	/**
	 * Chooses a backup among those on the volume and the copies, both sorted newest first.
	 *
	 * @param array<array{name: string, number: int}> $here
	 * @param array<array{name: string, number: int}> $copies
	 * @return array{name: string, number: int}|null
	 */
	public static function choose( string $name, array $here, array $copies ): ?array {
		if ( $name !== '' ) {
			$named = array_filter( [ ...$here, ...$copies ], static fn ( $backup ) => $backup['name'] === $name );
			return array_shift( $named );
		}
		$age = static fn ( array $backup ) => Archive::age( $backup['number'], $backup['name'] );
		if ( $here && $copies ) {
			return $age( $here[0] ) >= $age( $copies[0] ) ? $here[0] : $copies[0];
		}
		return $here[0] ?? $copies[0] ?? null;
	}
}
