<?php
declare( strict_types=1 );

/** Finds a backup on the volume or in the repository of copies. */
class BackupFinder {
	public function __construct( private readonly BackupVolume $volume, private readonly ?Repository $repository ) {
	}

	/**
	 * Opens the backup with a name; with an empty name, the newest of all. A backup that is only in the repository is copied here
	 * first.
	 */
	public function find( string $name ): Archive {
		if ( !$this->repository || $this->volume->has( $name ) ) {
			return $this->volume->named( $name );
		}
		$here = $this->volume->all();
		$copies = $this->repository->copies();
		$facts = array_map( static fn ( $archive ) => [ 'name' => $archive->name(), 'number' => $archive->number() ], $here );
		$chosen = self::choose( $name, $facts, $copies );
		if ( $chosen === null ) {
			$names = static fn ( array $all ) => implode( ', ', $all ) ?: 'none';
			throw new PermanentFailure( "there is no backup $name; there are: " . $names( array_column( $facts, 'name' ) )
				. "; at $this->repository: " . $names( array_column( $copies, 'name' ) ) );
		}
		return $this->volume->has( $chosen ) ? $this->volume->named( $chosen ) : $this->repository->pull( $chosen, $this->volume );
	}

	/**
	 * Chooses the name of a backup among those on the volume and the copies, both sorted newest first.
	 *
	 * @param array<array{name: string, number: int}> $here
	 * @param array<array{name: string, number: int}> $copies
	 */
	public static function choose( string $name, array $here, array $copies ): ?string {
		if ( $name !== '' ) {
			return in_array( $name, array_column( [ ...$here, ...$copies ], 'name' ), true ) ? $name : null;
		}
		$age = static fn ( array $backup ) => Archive::age( $backup['number'], $backup['name'] );
		if ( $here && $copies ) {
			return $age( $here[0] ) >= $age( $copies[0] ) ? $here[0]['name'] : $copies[0]['name'];
		}
		return $here[0]['name'] ?? $copies[0]['name'] ?? null;
	}
}
