<?php
// Copies of backups elsewhere, in the restic repository that backups.remote names: remote.sh makes and reads them, in a container of the
// same Pod that alone has the keys.
declare( strict_types=1 );
require_once __DIR__ . '/sidecar.php';

class Remote extends Sidecar {
	private const LIST = '/run/remote/copies.json';

	private function __construct( private readonly string $address ) {
		parent::__construct( 'remote' );
	}

	/** The wiki's, if it has one. */
	public static function ours(): ?self {
		$address = (string)getenv( 'BACKUPS_REMOTE' );
		return $address === '' ? null : new self( $address );
	}

	public function __toString(): string {
		return $this->address;
	}

	/**
	 * Copies a backup, and deletes older copies but for so many.
	 *
	 * @throws Refusal also if the repository has copies of another wiki: the newest of all would one day be restored
	 */
	public function push( Archive $archive, int $keep ): void {
		$host = "mediawiki-{$archive->manifest['wiki']}";
		if ( array_diff( array_column( $this->snapshots(), 'hostname' ), [ $host ] ) ) {
			throw new Refusal( "$this has backups of another wiki: give this one a path of its own in backups.remote, or make it of those "
				. 'with backups.restoreFrom and an empty database' );
		}
		$this->ask( 'push', $archive->path, $host, (string)$keep );
	}

	/** @return string[] names of the backups there are copies of */
	public function names(): array {
		return array_keys( $this->snapshots() );
	}

	/** Brings a copy to the volume. */
	public function pull( string $name ): Archive {
		say( "copying $name from $this" );
		$path = Archive::ROOT . "/$name";
		$this->ask( 'pull', $this->snapshots()[$name]['id'], $path );
		return Archive::open( $path );
	}

	/** @return array[] what restic knows of copies that are whole, by the names of the backups */
	private function snapshots(): array {
		$this->ask( 'list', self::LIST );
		$named = [];
		foreach ( json_decode( file_get_contents( self::LIST ), true, 16, JSON_THROW_ON_ERROR ) as $snapshot ) {
			$name = $snapshot['tags'][0] ?? '';
			if ( preg_match( '/^\d{8}T\d{6}Z$/', $name ) ) {
				$named[$name] = $snapshot;
			}
		}
		return $named;
	}
}

/** Opens the backup with a name, or without one the newest that there is, here or elsewhere. One that is only elsewhere is brought here. */
function findBackup( string $name ): Archive {
	$remote = Remote::ours();
	if ( !$remote || $name !== '' && is_dir( Archive::ROOT . '/' . basename( $name ) ) ) {
		return Archive::named( $name );
	}
	$here = array_map( static fn ( $archive ) => basename( $archive->path ), Archive::all() );
	$there = $remote->names();
	if ( $name === '' && ( $here || $there ) ) {
		$name = max( [ ...$here, ...$there ] );
	}
	if ( in_array( $name, $here, true ) ) {
		return Archive::named( $name );
	}
	if ( !in_array( $name, $there, true ) ) {
		throw new Refusal( "there is no backup $name; there are: " . ( implode( ', ', $here ) ?: 'none' ) . "; at $remote: "
			. ( implode( ', ', $there ) ?: 'none' ) );
	}
	return $remote->pull( $name );
}
