<?php
declare( strict_types=1 );

/** The restic repository with copies of backups. sidecars/repository.sh runs restic; only its container has the keys. */
class Repository extends Sidecar {
	private const LIST = '/run/remote/copies.json';

	private function __construct( private readonly string $address ) {
		parent::__construct( 'remote' );
	}

	/** Returns the repository of this wiki; null if there is none. */
	public static function fromEnvironment(): ?self {
		$address = (string)getenv( 'BACKUPS_REMOTE' );
		return $address === '' ? null : new self( $address );
	}

	public function __toString(): string {
		return $this->address;
	}

	/**
	 * Copies a backup, and deletes all older copies but the newest $keep.
	 *
	 * @throws PermanentFailure also if the repository contains copies of another wiki, which might one day be restored into this one
	 */
	public function push( Archive $archive, int $keep ): void {
		$host = "mediawiki-{$archive->manifest['wiki']}";
		$copies = $this->copies();
		if ( array_diff( array_column( $copies, 'hostname' ), [ $host ] ) ) {
			throw new PermanentFailure( "$this contains backups of another wiki: set backups.remote to a path that only this wiki uses, or "
				. 'restore those backups into an empty database with backups.restoreFrom' );
		}
		// After a restore of an older copy onto an empty volume, numbers would continue from that copy.
		$last = max( [ 0, ...array_column( $copies, 'number' ) ] );
		if ( $archive->number() <= $last ) {
			$archive = $archive->renumber( $last + 1 );
		}
		$this->ask( 'push', $archive->path, $host, (string)$archive->number() );
		$this->prune( $archive->name(), $keep );
	}

	/** Deletes all copies but the newest, and all that are incomplete. */
	private function prune( string $made, int $keep ): void {
		$kept = array_column( array_slice( $this->copies(), 0, $keep ), 'id', 'name' );
		if ( !isset( $kept[$made] ) ) {
			throw new PermanentFailure( "$made was copied, but it is not among the newest $keep copies: no copy is deleted" );
		}
		$old = array_diff( array_column( $this->snapshots(), 'id' ), $kept );
		if ( $old ) {
			$this->ask( 'forget', ...$old );
		}
	}

	/** Copies a backup to the volume, in place of a damaged one of this name. */
	public function pull( string $name, BackupVolume $volume ): Archive {
		Console::say( "copying $name from $this" );
		$path = "$volume->root/$name";
		$aside = "$volume->root/.part-replaced";
		$replaces = is_dir( $path );
		if ( $replaces && !( Disk::deleteTree( $aside ) && @rename( $path, $aside ) ) ) {
			throw new PermanentFailure( "cannot replace $name: " . Console::lastError() );
		}
		try {
			$this->ask( 'pull', array_column( $this->copies(), 'id', 'name' )[$name], $path );
		} catch ( PermanentFailure $e ) {
			if ( $replaces ) {
				rename( $aside, $path );
			}
			throw $e;
		}
		Disk::deleteTree( $aside );
		return Archive::open( $path );
	}

	/** @return array[] restic's snapshots of complete backups with the backups' names and numbers, newest backup first */
	public function copies(): array {
		$copies = [];
		foreach ( $this->snapshots() as $snapshot ) {
			$tags = implode( ' ', $snapshot['tags'] ?? [] );
			if ( preg_match( '/(?<!\S)\d{8}T\d{6}Z(?!\S)/', $tags, $name ) ) {
				preg_match( '/number-(\d+)/', $tags, $number ); // earlier versions wrote none
				$copies[] = [ 'name' => $name[0], 'number' => (int)( $number[1] ?? 0 ) ] + $snapshot;
			}
		}
		usort( $copies, static fn ( $a, $b ) => Archive::age( $b['number'], $b['name'] ) <=> Archive::age( $a['number'], $a['name'] ) );
		return $copies;
	}

	/** @return array[] all of restic's snapshots */
	private function snapshots(): array {
		$this->ask( 'list', self::LIST );
		return json_decode( file_get_contents( self::LIST ), true, 16, JSON_THROW_ON_ERROR );
	}
}
