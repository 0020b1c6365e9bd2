<?php
declare( strict_types=1 );

/** The approval of a revision, which the Pods of that revision wait for. */
class Revision {
	/** How many revisions are remembered in any case, and for how many days the others are. */
	private const KEPT = 10;
	private const DAYS = 30;

	/**
	 * Tells whether this migration, with the code that it has now, has approved the revision. Changed code repeats the migration; the
	 * approval that Pods rely on stays in the meantime.
	 */
	public static function isDone( Notes $notes, Wiki $wiki ): bool {
		return $notes->isApproved( $wiki->revision ) && $notes->get( "revision:{$wiki->revision}" ) === self::approval( $wiki );
	}

	/** Lets Pods of the revision start. */
	public static function approve( Notes $notes, Wiki $wiki, Namespaces $names ): void {
		RevisionFiles::store( $notes, $wiki->revision );
		$names->store();
		self::noteUse( $notes, $wiki );
		$notes->set( "revision:{$wiki->revision}", self::approval( $wiki ) );
		$notes->delete( ...self::former( $notes->ages() ) );
	}

	/** Notes which packages the revision uses, and that it is the newest in use. */
	public static function noteUse( Notes $notes, Wiki $wiki ): void {
		$notes->set( "packages:{$wiki->revision}", json_encode( $wiki->packages, JSON_FORCE_OBJECT | JSON_THROW_ON_ERROR ) );
	}

	/**
	 * Returns the packages of the newest revisions in use.
	 *
	 * @return string[] hashes
	 */
	public static function packages( Notes $notes, int $revisions ): array {
		$noted = array_values( preg_grep( '/^packages:/', array_keys( $notes->ages() ) ) );
		$used = array_map( static fn ( $note ) => json_decode( $notes->get( $note ), true ), array_slice( $noted, 0, $revisions ) );
		return array_merge( ...array_map( 'array_values', $used ) );
	}

	/**
	 * Returns the notes of revisions that no Pod can have any more. Those of the newest revisions stay, because the Pods of a rollout
	 * that failed may be older than the last migration, and so do those of the last month.
	 *
	 * @param array<string, int> $ages age in days by name, the youngest first
	 * @return string[]
	 */
	public static function former( array $ages ): array {
		$pattern = '/^(?:revision|preload|namespaces|packages):(.+)$/D';
		$revision = static fn ( $name ) => preg_match( $pattern, $name, $found ) ? $found[1] : null;
		$revisions = array_values( array_unique( array_filter( array_map( $revision, array_keys( $ages ) ) ) ) );
		$kept = array_slice( $revisions, 0, self::KEPT );
		$isFormer = static fn ( $age, $name ) => $age > self::DAYS && $revision( $name ) !== null
			&& !in_array( $revision( $name ), $kept, true );
		return array_keys( array_filter( $ages, $isFormer, ARRAY_FILTER_USE_BOTH ) );
	}

	private static function approval( Wiki $wiki ): string {
		return "{$wiki->version} " . getenv( 'MEDIAWIKI_MIGRATION' );
	}
}
